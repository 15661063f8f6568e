# syntax=docker/dockerfile:1
# The program alone, as a static binary in an empty image: no shell, no package manager, not root. It needs no writable
# file but SQLite's, under /data; with PostgreSQL it can run read-only as it is.

FROM node:20-bookworm-slim AS assets
ENV npm_config_cache=/cache/npm
WORKDIR /src
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN --mount=type=cache,target=/cache/npm npm ci --ignore-scripts --no-audit --no-fund
COPY static static
RUN npm run --silent build

FROM golang:1.26-bookworm AS build
ENV GOMODCACHE=/cache/mod GOCACHE=/cache/build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/cache/mod go mod download
COPY . .
COPY --from=assets /src/static/dist static/dist
RUN --mount=type=cache,target=/cache/mod --mount=type=cache,target=/cache/build \
    CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o /out/cifra ./cmd/cifra \
    && mkdir /out/data && echo 'cifra:x:65532:65532::/:/nowhere' > /out/passwd

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/passwd /etc/passwd
COPY --from=build /out/cifra /cifra
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV CIFRA_ADDR=0.0.0.0:8080 CIFRA_DATA_DIR=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s CMD ["/cifra", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/cifra"]
CMD ["serve"]
