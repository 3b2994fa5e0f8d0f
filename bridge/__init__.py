"""The daemon between a musician's tools and the model: messages in, takes out."""
