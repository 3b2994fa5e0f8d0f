"""The Msanii music-diffusion model (arXiv 2301.06468) and what it needs to be trained, shipped and played."""
