"""Telepathology for acute lymphoblastic leukaemia on blood smears."""
