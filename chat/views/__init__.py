"""The pages of the household's talk."""
