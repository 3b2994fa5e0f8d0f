"""Split complex numbers behave like complex tensors."""

from __future__ import annotations

import torch

from msanii.signal.split_complex import SplitComplex, cat, cis, stack


def complexes(seed: int) -> torch.Tensor:
    return torch.randn(4, 5, dtype=torch.complex64, generator=torch.Generator().manual_seed(seed))


def test_split_complex_equals_torch_complex() -> None:
    a, b = complexes(0), complexes(1)
    ours, theirs = SplitComplex.of(a), SplitComplex.of(b)
    for made, wanted in (
        (ours.times(theirs), a * b),
        (ours.plus(theirs), a + b),
        (ours.conjugate(), a.conj()),
        (ours.scaled(b.real), a * b.real),
        (ours.unit(), a / a.abs()),
        (cis(a.real), torch.polar(torch.ones_like(a.real), a.real)),
        (cat([ours, theirs], dim=1), torch.cat((a, b), dim=1)),
        (stack([ours, theirs], dim=0), torch.stack((a, b))),
        (ours.map(lambda part: part[1:]), a[1:]),
    ):
        torch.testing.assert_close(made.complex(), wanted)
    torch.testing.assert_close(ours.magnitude(), a.abs())
    torch.testing.assert_close(ours.power(), a.abs().square())


def test_zero_has_a_finite_gradient() -> None:
    values = torch.zeros(2, 3, requires_grad=True)
    number = SplitComplex(*values.unbind())
    assert not number.unit().complex().any()
    (number.magnitude().sum() + number.unit().real.sum()).backward()  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert values.grad.isfinite().all()
