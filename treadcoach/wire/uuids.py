"""Bluetooth assigned numbers that treadcoach uses (16-bit ones in their 128-bit form)."""


def uuid16(number: int) -> str:
    """The 128-bit text form of a 16-bit assigned number."""
    return f"0000{number:04x}-0000-1000-8000-00805f9b34fb"


FITNESS_MACHINE = uuid16(0x1826)
FEATURE = uuid16(0x2ACC)
TREADMILL_DATA = uuid16(0x2ACD)
TRAINING_STATUS = uuid16(0x2AD3)
SPEED_RANGE = uuid16(0x2AD4)
INCLINE_RANGE = uuid16(0x2AD5)
CONTROL_POINT = uuid16(0x2AD9)
MACHINE_STATUS = uuid16(0x2ADA)

HEART_RATE_SERVICE = uuid16(0x180D)
HEART_RATE_MEASUREMENT = uuid16(0x2A37)
RUNNING_SPEED_SERVICE = uuid16(0x1814)
RSC_MEASUREMENT = uuid16(0x2A53)
RSC_FEATURE = uuid16(0x2A54)

DEVICE_INFORMATION = uuid16(0x180A)
MANUFACTURER_NAME = uuid16(0x2A29)
MODEL_NUMBER = uuid16(0x2A24)

POLAR_PMD_SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
POLAR_PMD_CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
POLAR_PMD_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"

MOVESENSE_SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
MOVESENSE_WRITE = "34800001-7185-4d5d-b431-630e7050e8f0"
MOVESENSE_NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"

OPEN_IMU_SERVICE = "7c0a0001-5f1c-4d5e-9a3b-6d0f2f8e1a00"
OPEN_IMU_DATA = "7c0a0002-5f1c-4d5e-9a3b-6d0f2f8e1a00"
"""Ours: a plain 6-axis service for self-made sensors (see open_imu.py)."""


def short(uuid: str) -> str:
    """'2ACD' for an assigned number, the whole text for a vendor's own."""
    if uuid.endswith("-0000-1000-8000-00805f9b34fb") and uuid.startswith("0000"):
        return uuid[4:8].upper()
    return uuid
