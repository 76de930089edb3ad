"""Addresses of models and of the state of the work, below /models/."""

from django.urls import path

from inference import views

app_name = "inference"
urlpatterns = [
    path("", views.model_list, name="model_list"),
    path("compare/", views.model_compare, name="model_compare"),
    path("work/", views.work_status, name="work_status"),
    path("<uuid:pk>/", views.model_detail, name="model_detail"),
    path("<uuid:pk>/activate/", views.model_activate, name="model_activate"),
    path("<uuid:pk>/roll-back/", views.model_roll_back, name="model_roll_back"),
    path("<uuid:pk>/shadow/", views.model_shadow, name="model_shadow"),
    path("<uuid:pk>/unshadow/", views.model_unshadow, name="model_unshadow"),
    path("<uuid:pk>/retire/", views.model_retire, name="model_retire"),
]
