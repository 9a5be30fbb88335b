# Two stages: the first builds a virtual environment from the locked packages and our wheel, the second holds what runs.
#
#   docker build --tag spinal-lesion-service .
#   docker run --publish 8080:8080 --volume sls-data:/app/data --env-file service.env spinal-lesion-service
#
# service.env holds the settings (README). Without a way to tell who may call the service refuses to listen beyond loopback
# and says so: it needs SLS_AUTH=jwt, SLS_CLIENTS_FILE=/etc/sls/clients.toml and --volume "$PWD/sls:/etc/sls:ro" with that
# file (made from docs/clients.example.toml) and the key files it names, readable for user 10001; hospitals likewise with
# SLS_HOSPITALS_DIR. Other commands replace the last line (`docker run ... spinal-lesion-service work --host 0.0.0.0 --port 8080`;
# with a port a worker answers /health and /metrics, without one run it with --no-healthcheck). Give a container that is stopped
# more time than SLS_STOP_SECONDS: `docker run --stop-timeout 30`.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements.lock requirements-dev.lock ./
# The build backend is pinned in requirements-dev.lock; none of that file reaches the second stage.
RUN python -m venv --without-pip /opt/service \
    && pip --python /opt/service/bin/python install --no-deps --require-hashes --requirement requirements.lock \
    && pip install --no-deps --require-hashes --requirement requirements-dev.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY mappings ./mappings
COPY service ./service
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/service/bin/python install --no-deps --no-index dist/*.whl

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="spinal-lesion-service" \
      org.opencontainers.image.description="Published assessments of spinal lesions from coded FHIR findings, written back as RiskAssessment" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 service \
    && useradd --system --uid 10001 --gid service --home-dir /app --no-create-home --shell /usr/sbin/nologin service \
    && install --directory --owner=service --group=service /app /app/data
COPY --from=build /opt/service /opt/service
COPY mappings /app/mappings
ENV PATH=/opt/service/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SLS_MAPPINGS_DIR=/app/mappings
WORKDIR /app
USER 10001:10001
VOLUME /app/data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 CMD ["python", "-c", "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', 8080, timeout=4); c.request('GET', '/health/ready'); sys.exit(c.getresponse().status != 200)"]
ENTRYPOINT ["spinal-lesion-service"]
CMD ["serve", "--host", "0.0.0.0", "--workers", "2"]
