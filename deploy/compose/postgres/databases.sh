#!/usr/bin/env bash
# Runs once, on an empty data volume: a user with databases of its own for Keelson, and one for Temporal.
set -euo pipefail

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  --set keelson_password="$KEELSON_DB_PASSWORD" --set temporal_password="$TEMPORAL_DB_PASSWORD" <<'SQL'
create role keelson login password :'keelson_password';
create database keelson owner keelson;
create role temporal login password :'temporal_password';
create database temporal owner temporal;
create database temporal_visibility owner temporal;
SQL
