"""Lets the tests of the vector machine run as plain Python, when native code is turned off (`NUMBA_DISABLE_JIT=1`)."""

from __future__ import annotations

import ctypes
import os

import pytest


@pytest.fixture(scope="session", autouse=True)
def _addresses_in_plain_python():
    """An address is read by an instruction of native code: give it a reader that Python knows."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") == "0":
        yield
        return
    from aid_rules.engine import vector_kernel  # noqa: PLC0415 - needed only there

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector_kernel, "_pointeur", lambda address: ctypes.c_void_p(int(address)))
        yield
