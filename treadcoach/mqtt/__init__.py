"""MQTT and Home Assistant: state out, requests in. Stop and pause act; nothing here starts a belt."""
