"""What the caller must not do to itself: a run that has revoked its own token, or taken its own permissions, tests only the answer
401. So what changes the caller's own user and token, the group that lets them be administrators, or the management API, is asked of
an object that there is not. Everything else of these operations is asked, and reading these objects, too."""

import os

import requests
import schemathesis

NOBODY = "0" * 26


def _asked(path):
    answer = requests.get(
        os.environ["ISSUER"] + "/api/v1" + path,
        headers={"Authorization": "Bearer " + os.environ["TOKEN"]},
        timeout=10,
    )
    answer.raise_for_status()
    return answer.json()


def _own():
    me = _asked("/me")["id"]
    user = _asked("/users/" + me)
    own = [me, user["username"], "management", os.environ["ISSUER"] + "/api"]
    own += [token["id"] for token in _asked("/me/api-tokens")["items"]]
    for group in _asked("/groups")["items"]:
        if group["name"] in user["groups"]:
            own += [group["id"], group["name"]]
    own += [api["id"] for api in _asked("/apis")["items"] if api["identifier"] in own]
    return {name.casefold() for name in own}


OWN = _own()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.method.upper() in ("GET", "HEAD", "OPTIONS"):
        return
    for name, value in (case.path_parameters or {}).items():
        if isinstance(value, str) and value.strip().casefold() in OWN:
            case.path_parameters[name] = NOBODY
