"""Flask, Flask-JWT-Extended, argon2-cffi and sqlite3."""

import os
import sqlite3
import time
import uuid
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from flask import Flask, g, jsonify, request
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jti,
    get_jwt,
    get_jwt_identity,
    jwt_required,
)

DATABASE = os.environ["DATABASE_PATH"]
SYNCHRONOUS = os.environ["SYNCHRONOUS"]
REFRESH = timedelta(days=30)

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET"]
app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(hours=1)
app.config["JWT_REFRESH_TOKEN_EXPIRES"] = REFRESH
jwt = JWTManager(app)
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def get_db():
    if "db" not in g:
        # Transactions begin where the code says so.
        g.db = sqlite3.connect(DATABASE, isolation_level=None)
        g.db.row_factory = sqlite3.Row
        g.db.execute(f"PRAGMA synchronous = {SYNCHRONOUS}")
    return g.db


@app.teardown_appcontext
def close_db(_error=None):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def init_db():
    with app.app_context():
        get_db().execute("PRAGMA journal_mode = WAL")
        get_db().executescript(
            """
            CREATE TABLE IF NOT EXISTS users (
                id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE,
                password_hash TEXT NOT NULL, role TEXT NOT NULL, created_at INTEGER NOT NULL
            );
            CREATE TABLE IF NOT EXISTS refresh_tokens (
                jti TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id),
                expires_at INTEGER NOT NULL
            );
            """
        )


def user_by_id(user_id):
    return get_db().execute(
        "SELECT id, username, email, role, created_at FROM users WHERE id = ?", (user_id,)
    ).fetchone()


@app.get("/ready")
def ready():
    return jsonify(ready=True)


@app.post("/register")
def register():
    body = request.get_json()
    user = {"id": str(uuid.uuid4()), "username": body["username"], "role": "user"}
    password_hash = hasher.hash(body["password"])
    get_db().execute(
        "INSERT INTO users VALUES (?, ?, ?, ?, ?, ?)",
        (user["id"], user["username"], body["email"], password_hash, user["role"], int(time.time())),
    )
    return tokens_for(user), 201


@app.post("/login")
def login():
    body = request.get_json()
    user = get_db().execute(
        "SELECT * FROM users WHERE username = ?", (body["username"],)
    ).fetchone()
    try:
        if user is None:
            raise VerifyMismatchError
        hasher.verify(user["password_hash"], body["password"])
    except VerifyMismatchError:
        return jsonify(error="wrong name or password"), 401
    return tokens_for(user)


@app.post("/refresh")
@jwt_required(refresh=True)
def refresh():
    db = get_db()
    db.execute("BEGIN IMMEDIATE")
    consumed = db.execute(
        "DELETE FROM refresh_tokens WHERE jti = ?", (get_jwt()["jti"],)
    ).rowcount
    if consumed == 0:
        db.execute("ROLLBACK")
        return jsonify(error="no such token"), 401
    answer = tokens_for(user_by_id(get_jwt_identity()))
    db.execute("COMMIT")
    return answer


@app.get("/verify")
@jwt_required()
def verify():
    claims = get_jwt()
    return jsonify(
        sub=get_jwt_identity(), username=claims["username"], role=claims["role"], exp=claims["exp"]
    )


@app.get("/me")
@jwt_required()
def me():
    user = user_by_id(get_jwt_identity())
    return jsonify(dict(user)) if user else (jsonify(error="no such user"), 401)


def tokens_for(user):
    claims = {"username": user["username"], "role": user["role"]}
    access = create_access_token(identity=user["id"], additional_claims=claims)
    refresh_token = create_refresh_token(identity=user["id"])
    get_db().execute(
        "INSERT INTO refresh_tokens VALUES (?, ?, ?)",
        (get_jti(refresh_token), user["id"], int(time.time() + REFRESH.total_seconds())),
    )
    return jsonify(access_token=access, refresh_token=refresh_token)
