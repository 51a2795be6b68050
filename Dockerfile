# The image of the service: docs/deploying.md. `docker build --tag better-auth-python .`
ARG PYTHON=3.13-slim-trixie

# The wheels of the lock, with their hashes: no compiler runs.
FROM docker.io/library/python:${PYTHON} AS packages
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists /var/cache/apt
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
COPY requirements.txt requirements-otel.txt /
# TRACES=1 adds what docs/traces.md needs.
ARG TRACES=
# Without what the service never loads: what makes examples for Litestar, colors for source code,
# the editor of Swagger, pip, and the half of each wheel that only a debugger reads.
RUN python3 -m venv .venv \
 && for lock in /requirements.txt ${TRACES:+/requirements-otel.txt}; do \
      .venv/bin/pip install --no-deps --require-hashes --only-binary :all: -r "$lock" || exit 1; \
    done \
 && .venv/bin/pip uninstall --quiet --yes faker polyfactory pygments pip \
 && find .venv -path '*/swagger_ui/static/*' -type f ! -name swagger-ui-bundle.js \
      ! -name swagger-ui.css ! -name favicon-32x32.png -delete \
 && find .venv -name '*.so*' -type f -exec strip --strip-unneeded {} +

# The file system is read-only later, so what Python compiles must be there already.
FROM packages AS compiled
COPY app app
RUN .venv/bin/python -m compileall -q app

FROM docker.io/library/python:${PYTHON}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin auth \
 && install --directory --owner auth --group auth --mode 0700 /data
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY --from=compiled /app/app app
# By number: only then can Kubernetes tell that it is not root.
USER 10001:10001
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATABASE_URL=sqlite:////data/auth.db
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import http.client, os, sys; asked = http.client.HTTPConnection('localhost', int(os.environ['PORT']), timeout=5); asked.request('HEAD', '/health/ready'); sys.exit(asked.getresponse().status != 200)"]
ENTRYPOINT ["python", "-m", "app"]
CMD ["serve"]
