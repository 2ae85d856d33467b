"""An emulated computer with Debian's kernel and bluetoothd whose radio is on the simulated air."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

INSIDE = Path(__file__).parent / "inside"
REPOSITORY = Path(__file__).parents[2]
MODULES = ("virtio_pci", "virtio_console", "overlay", "9pnet_virtio", "9p", "cmac", "ecb", "algif_hash",
           "algif_skcipher", "hci_vhci")  # fmt: skip
MARK = "@@ "
LIMIT_S = 900


def kernel_folder() -> Path:
    """Where scripts/bluez has put a kernel; the test is skipped where it has not run."""
    name = os.environ.get("TREADCOACH_BLUEZ_KERNEL")
    if name is None:
        pytest.skip("on BlueZ itself only by scripts/bluez, which fetches a kernel and an emulator")
    return Path(name)


def _image(kernel: Path, folder: Path) -> Path:
    """The first files of the machine, packed: busybox, modules, and what tests/bluez/inside has."""
    root = folder / "image"
    for name in ("bin", "proc", "sys", "dev", "modules"):
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin")
    version = next((kernel / "lib" / "modules").iterdir()).name
    subprocess.run(["depmod", "-b", str(kernel), version], check=True)
    order: list[str] = []
    for module in MODULES:
        command = ["modprobe", "-S", version, "-d", str(kernel), "--show-depends", module]
        shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        for path in (line.split()[1] for line in shown.splitlines() if line.startswith("insmod")):
            if Path(path).name not in order:
                shutil.copy(path, root / "modules")
                order.append(Path(path).name)
    (root / "modules" / "order").write_text("\n".join(order) + "\n", encoding="utf-8")
    (root / "settings").write_text(f"PYTHON={sys.executable}\nREPOSITORY={REPOSITORY}\n", encoding="utf-8")
    shutil.copy(INSIDE / "init", root)
    (root / "init").chmod(0o755)
    shutil.copy(INSIDE / "hci.py", root)
    shutil.copy(INSIDE / "story.py", root / "inside.py")
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    packed = subprocess.run(
        ["cpio", "-o", "-H", "newc", "--quiet"],
        input=names.encode(),
        cwd=root,
        capture_output=True,
        check=True,
    )
    image = folder / "image.gz"
    image.write_bytes(gzip.compress(packed.stdout, compresslevel=1))
    return image


def story(air: Path, folder: Path) -> Iterator[dict[str, Any]]:
    """Start it, and give what is told inside as it comes; its whole console is in folder/console.log."""
    kernel = kernel_folder()
    command = [
        "timeout", str(LIMIT_S),
        "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "4096",
        "-nographic", "-no-reboot", "-nic", "none",
        "-kernel", str(next((kernel / "boot").glob("vmlinuz-*"))), "-initrd", str(_image(kernel, folder)),
        "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
        "-fsdev", "local,id=h,path=/,security_model=none,readonly=on,multidevs=remap",
        "-device", "virtio-9p-pci,fsdev=h,mount_tag=host", "-device", "virtio-serial-pci",
        "-chardev", f"socket,id=air,path={air}", "-device", "virtserialport,chardev=air,name=hci",
    ]  # fmt: skip
    with (
        (folder / "console.log").open("w", encoding="utf-8") as console,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        ) as machine,
    ):
        assert machine.stdout is not None
        for octets in machine.stdout:
            line = octets.decode(errors="replace")
            console.write(line)
            console.flush()
            if MARK in line:
                yield json.loads(line[line.index(MARK) + len(MARK) :])
