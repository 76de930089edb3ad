# syntax=docker/dockerfile:1
# One image for the web server, the workers and the scheduler; what it runs is the command's choice.

FROM node:22-slim AS browser-libraries
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM python:3.11-slim-bookworm AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements-pip.lock requirements.lock ./
RUN /opt/venv/bin/pip install --require-hashes -r requirements-pip.lock \
    && /opt/venv/bin/pip install --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm AS code
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY LICENSE manage.py pyproject.toml ./
COPY telepath telepath
COPY accounts accounts
COPY inference inference
COPY cases cases
COPY benchmarks benchmarks
COPY templates templates
COPY static static

# The settings of production demand every address; none of these is used to collect files.
FROM code AS static-files
COPY --from=browser-libraries /src/node_modules node_modules
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    TELEPATH_ENV=production ALLOWED_HOSTS=unused \
    SITE_URL=https://unused DATABASE_URL=postgres://unused REDIS_URL=redis://unused \
    EMAIL_URL=dummymail:// \
    python manage.py collectstatic --no-input

FROM code AS runtime
RUN useradd --uid 10001 --create-home telepath && install -d -o telepath /app/var
COPY --from=static-files /app/staticfiles staticfiles
USER telepath
ENV TELEPATH_ENV=production
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "telepath.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--no-server-header", "--timeout-graceful-shutdown", "5"]

# The same with TensorFlow for NVIDIA cards, of the version in the lock. Its CUDA libraries are not in
# the lock, so this stage is built on purpose only: `docker compose --profile gpu build`.
FROM runtime AS gpu
USER root
RUN version="$(pip freeze | sed -n 's/^tensorflow-cpu==//p')" \
    && pip uninstall --yes tensorflow-cpu \
    && pip install --no-cache-dir "tensorflow[and-cuda]==$version"
USER telepath

# The last stage is what a plain `docker build` makes.
FROM runtime
