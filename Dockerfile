FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jdk-headless curl ca-certificates
WORKDIR /build
COPY . .
RUN ./mvnw -B -q -DskipTests package

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends openjdk-17-jre-headless ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /opt/headwater headwater
WORKDIR /opt/headwater
COPY --from=build /build/headwater .
COPY --from=build /build/lake/target/classes lake/target/classes
COPY --from=build /build/lake/target/lib lake/target/lib
COPY --from=build /build/capture/target/classes capture/target/classes
COPY --from=build /build/capture/target/lib capture/target/lib
COPY --from=build /build/publish/target/classes publish/target/classes
COPY --from=build /build/publish/target/lib publish/target/lib
COPY --from=build /build/lake/target/servers/s3proxy-*.jar s3proxy.jar
# named volumes take their owner from here
RUN mkdir -p .headwater /data/headwater && chown -R headwater .headwater /data
USER headwater
ENTRYPOINT ["./headwater"]
