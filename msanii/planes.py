"""Complex numbers as two real tensors: on a CPU PyTorch's own complex numbers take three times as long."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

SMALLEST_POWER = 1e-20


class Planes(NamedTuple):
    """Real and imaginary part, of one shape."""

    real: Tensor
    imag: Tensor

    @classmethod
    def of(cls, values: Tensor) -> Planes:
        """Both parts of a complex tensor."""
        return cls(values.real, values.imag)

    def complex(self) -> Tensor:
        """One complex tensor."""
        return torch.complex(self.real, self.imag)

    def each(self, change: Callable[[Tensor], Tensor]) -> Planes:
        """Both parts changed alike: cut, padded or laid out anew."""
        return Planes(change(self.real), change(self.imag))

    def power(self) -> Tensor:
        """The square of the magnitude."""
        return torch.addcmul(self.real.square(), self.imag, self.imag)

    def magnitude(self) -> Tensor:
        """The magnitude, with a gradient at zero too."""
        return (self.power() + SMALLEST_POWER).sqrt()

    def conjugate(self) -> Planes:
        """Mirrored at the real axis."""
        return Planes(self.real, -self.imag)

    def scaled(self, factor: Tensor) -> Planes:
        """Times a real factor."""
        return Planes(self.real * factor, self.imag * factor)

    def times(self, other: Planes) -> Planes:
        """The complex product."""
        real = torch.addcmul(self.real * other.real, self.imag, other.imag, value=-1)
        return Planes(real, torch.addcmul(self.real * other.imag, self.imag, other.real))

    def plus(self, other: Planes) -> Planes:
        """The sum."""
        return Planes(self.real + other.real, self.imag + other.imag)

    def unit(self) -> Planes:
        """The same directions with length 1; 0 stays 0."""
        return self.scaled((self.power() + SMALLEST_POWER).rsqrt())


def turns(angle: Tensor) -> Planes:
    """Unit numbers of those angles."""
    return Planes(angle.cos(), angle.sin())


def joined(parts: list[Planes], dim: int) -> Planes:
    """One after the other."""
    return Planes(*(torch.cat(list(plane), dim=dim) for plane in zip(*parts, strict=True)))


def stacked(parts: list[Planes], dim: int) -> Planes:
    """Beside each other, along a new axis."""
    return Planes(*(torch.stack(list(plane), dim=dim) for plane in zip(*parts, strict=True)))
