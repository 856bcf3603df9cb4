# The server of Tallystick: takes in what machines push, and answers for all of them. docs/deploy.md tells how to run it.

FROM python:3.13-slim AS build

# What it is for: the server, or the proxy (compose.yaml).
ARG EXTRAS=server,charts
# uv, and everything that it installs, at the version and with the hash that requirements.lock names.
WORKDIR /build
COPY requirements.lock ./
RUN awk '/^uv==/ { inside = 1 } inside { print } inside && !/\\$/ { exit }' requirements.lock > uv.lock \
    && pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --no-deps --only-binary :all: \
        --require-hashes --requirement uv.lock

COPY pyproject.toml hatch_build.py README.md LICENSE CHANGELOG.md ./
COPY src src
# Compiled now: at run time nothing can be written beside the code.
RUN uv venv --quiet --no-python-downloads --python /usr/local/bin/python3 /opt/tallystick \
    && uv pip install --quiet --no-cache --compile-bytecode --link-mode=copy --python /opt/tallystick \
        --constraints requirements.lock --build-constraints requirements.lock ".[${EXTRAS}]"


FROM python:3.13-slim

ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="Tallystick" \
      org.opencontainers.image.description="Meters the tokens that AI coding tools consume: every token counted once, every figure explained." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.authors="Tallystick contributors"

# The number stays the same in every image, so that a volume's files always belong to who serves them.
RUN groupadd --gid 10001 tally \
    && useradd --uid 10001 --gid tally --no-log-init --home-dir /var/lib/tally --create-home --shell /usr/sbin/nologin tally \
    && install --directory --owner tally --group tally --mode 0700 /data

COPY --from=build /opt/tallystick /opt/tallystick

# The config file is /etc/tallystick/config.toml, where one is mounted.
ENV PATH=/opt/tallystick/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    XDG_CONFIG_HOME=/etc \
    TALLY_DATA_DIR=/data \
    TALLY_SERVER_HOST=0.0.0.0 \
    TALLY_SERVER_PORT=3847

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 3847
STOPSIGNAL SIGTERM

HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, sys; from tallystick.service.probe import HEALTHY, ask; sys.exit(ask('127.0.0.1', int(os.environ['TALLY_SERVER_PORT'])).kind != HEALTHY)"]

ENTRYPOINT ["tally"]
CMD ["serve"]
