"""Complex numbers as two real tensors: on a CPU PyTorch's own complex numbers take three times as long."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

SMALLEST_POWER = 1e-20


class SplitComplex(NamedTuple):
    """Real and imaginary part, of one shape."""

    real: Tensor
    imag: Tensor

    @classmethod
    def of(cls, values: Tensor) -> SplitComplex:
        """Both parts of a complex tensor."""
        return cls(values.real, values.imag)

    def complex(self) -> Tensor:
        """One complex tensor."""
        return torch.complex(self.real, self.imag)

    def map(self, change: Callable[[Tensor], Tensor]) -> SplitComplex:
        """Both parts changed alike: cut, padded or laid out anew."""
        return SplitComplex(change(self.real), change(self.imag))

    def power(self) -> Tensor:
        """The square of the magnitude."""
        return torch.addcmul(self.real.square(), self.imag, self.imag)

    def magnitude(self) -> Tensor:
        """The magnitude, with a gradient at zero too."""
        return (self.power() + SMALLEST_POWER).sqrt()

    def conjugate(self) -> SplitComplex:
        """Mirrored at the real axis."""
        return SplitComplex(self.real, -self.imag)

    def scaled(self, factor: Tensor) -> SplitComplex:
        """Times a real factor."""
        return SplitComplex(self.real * factor, self.imag * factor)

    def times(self, other: SplitComplex) -> SplitComplex:
        """The complex product."""
        real = torch.addcmul(self.real * other.real, self.imag, other.imag, value=-1)
        return SplitComplex(real, torch.addcmul(self.real * other.imag, self.imag, other.real))

    def plus(self, other: SplitComplex) -> SplitComplex:
        """The sum."""
        return SplitComplex(self.real + other.real, self.imag + other.imag)

    def unit(self) -> SplitComplex:
        """The same directions with length 1; 0 stays 0."""
        return self.scaled((self.power() + SMALLEST_POWER).rsqrt())


def cis(angle: Tensor) -> SplitComplex:
    """Unit numbers of those angles."""
    return SplitComplex(angle.cos(), angle.sin())


def cat(parts: list[SplitComplex], dim: int) -> SplitComplex:
    """One after the other."""
    return SplitComplex(*(torch.cat(list(plane), dim=dim) for plane in zip(*parts, strict=True)))


def stack(parts: list[SplitComplex], dim: int) -> SplitComplex:
    """Beside each other, along a new axis."""
    return SplitComplex(*(torch.stack(list(plane), dim=dim) for plane in zip(*parts, strict=True)))
