"""Addresses of models and of the state of the work, below /models/."""

from django.urls import path

from inference import views

app_name = "inference"
urlpatterns = [
    path("", views.model_list, name="model_list"),
    path("work/", views.work_status, name="work_status"),
    path("<uuid:pk>/", views.model_detail, name="model_detail"),
    path("<uuid:pk>/activate/", views.model_activate, name="model_activate"),
    path("<uuid:pk>/retire/", views.model_retire, name="model_retire"),
]
