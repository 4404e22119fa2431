#!/bin/sh
# Turns every variable KAFKA_A_B into the property a.b (two underscores stand for one of the name's own), then
# becomes the broker, so that `docker stop` reaches it as SIGTERM.
set -eu
set -- "$@" --override "log.dirs=/var/lib/ottla"
for variable in $(env | sed -n 's/^\(KAFKA_[A-Z0-9_]*\)=.*/\1/p'); do
  name=$(printf '%s' "${variable#KAFKA_}" | sed 's/__/%/g' | tr '_' '.' | tr '%' '_' | tr '[:upper:]' '[:lower:]')
  eval "value=\${$variable}"
  set -- "$@" --override "$name=$value"
done
exec node /opt/ottla/dist/tools/kafka-server-start.cjs /opt/ottla/config/server.properties "$@"
