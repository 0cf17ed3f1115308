# The image: one static binary and nothing else, run by nobody in particular. Data lives in the volume /data; the root may be read-only.
#   docker build -t quire . && docker run -p 8080:8080 -v quire:/data quire

FROM docker.io/library/node:22-bookworm-slim AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
RUN npm run build

FROM docker.io/library/golang:1.26-bookworm AS binary
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY main.go ./
COPY command/ command/
COPY frontend/embed.go frontend/embed.go
COPY ot/ ot/
COPY store/ store/
COPY server/ server/
COPY --from=page /src/frontend/dist/ frontend/dist/
ARG VERSION=docker
RUN CGO_ENABLED=0 go build -tags nomsgpack -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/quire . \
    && mkdir -p /out/data /out/tmp && chmod 1777 /out/tmp

FROM scratch
COPY --from=binary /out/quire /quire
COPY --from=binary --chown=65532:65532 /out/data /data
COPY --from=binary /out/tmp /tmp
USER 65532:65532
ENV QUIRE_LISTEN=0.0.0.0:8080 QUIRE_DATA=/data
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["/quire", "health"]
ENTRYPOINT ["/quire"]
CMD ["serve"]
