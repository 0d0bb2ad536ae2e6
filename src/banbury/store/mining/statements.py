"""The statements of mining; each changes one row or page of rows, in one transaction."""

from __future__ import annotations

REPOSITORY = "id, url, name, state, kind, reason, remedy, asked, head, licence, units, cpu_s"
CANDIDATE = (
    "c.id, c.repository, r.url, r.name, c.sort, c.revision, c.base, c.committed, c.subject, "
    "c.state, c.kind, c.reason, c.remedy, c.tasks, c.cpu_s, c.wall_s, c.body, c.attempt"
)
FROM = "FROM candidate c JOIN mined_repository r ON r.id = c.repository"
UNTIL = "clock_timestamp() + make_interval(secs => %(lease)s)"

TAKE = f"""
UPDATE mined_repository SET state = 'walking', worker = %(worker)s, until = {UNTIL},
    attempt = attempt + 1, changed_ns = %(now)s
WHERE id = %(id)s AND (state <> 'walking' OR until < clock_timestamp()) RETURNING {REPOSITORY}
"""

FIND = """
INSERT INTO candidate (repository, sort, revision, base, committed, subject, state, kind, reason,
    remedy, changed_ns)
VALUES (%(repository)s, %(sort)s, %(revision)s, %(base)s, %(committed)s, %(subject)s, %(state)s,
    %(kind)s, %(reason)s, %(remedy)s, %(now)s)
ON CONFLICT (repository, sort, revision) DO UPDATE SET state = excluded.state,
    kind = excluded.kind, reason = excluded.reason, remedy = excluded.remedy
WHERE candidate.attempt = 0 AND candidate.state IN ('dropped', 'waiting')
"""

WALKED = """
UPDATE mined_repository SET state = %(state)s, kind = %(kind)s, reason = %(reason)s,
    remedy = %(remedy)s, asked = %(asked)s, head = %(head)s, licence = %(licence)s,
    units = %(units)s, cpu_s = cpu_s + %(cpu_s)s, worker = '', until = NULL, changed_ns = %(now)s
WHERE id = %(id)s AND worker = %(worker)s
"""

CHOSEN = """
SELECT id FROM candidate
WHERE repository = %(repository)s AND sort = %(sort)s AND state <> 'dropped'
    AND committed >= %(since)s AND committed <= %(until)s
ORDER BY committed DESC, id LIMIT %(limit)s
"""

LATE = "(c.state = 'running' AND c.until < clock_timestamp())"
GIVE_UP = f"""
UPDATE candidate c SET state = 'failed', kind = 'worker died', worker = '', until = NULL,
    reason = %(reason)s, remedy = %(remedy)s, changed_ns = %(now)s
WHERE c.id = ANY(%(ids)s) AND {LATE} AND c.attempt >= %(tries)s
"""
CLAIM = f"""
WITH picked AS (
    SELECT c.id FROM candidate c
    WHERE c.id = ANY(%(ids)s) AND (c.state = 'waiting' OR {LATE})
    ORDER BY c.repository, c.committed DESC, c.id LIMIT 1 FOR UPDATE SKIP LOCKED
), taken AS (
    UPDATE candidate c SET state = 'running', worker = %(worker)s, until = {UNTIL},
        attempt = attempt + 1, changed_ns = %(now)s
    FROM picked WHERE c.id = picked.id RETURNING c.*
)
SELECT {CANDIDATE} {FROM.replace("FROM candidate", "FROM taken")}
"""

BEAT = (
    f"UPDATE candidate SET until = {UNTIL} WHERE worker = %(worker)s AND state = 'running'",
    f"UPDATE mined_repository SET until = {UNTIL} WHERE worker = %(worker)s AND state = 'walking'",
)

FINISH = """
UPDATE candidate SET state = %(state)s, kind = %(kind)s, reason = %(reason)s, remedy = %(remedy)s,
    tasks = %(tasks)s, cpu_s = %(cpu_s)s, wall_s = %(wall_s)s, body = %(body)s,
    worker = '', until = NULL, changed_ns = %(now)s
WHERE id = %(id)s AND worker = %(worker)s AND state = 'running'
"""

GIVE_BACK = """
UPDATE candidate SET state = 'waiting', attempt = greatest(attempt - 1, 0), worker = '',
    until = NULL, changed_ns = %(now)s
WHERE id = %(id)s AND worker = %(worker)s AND state = 'running'
"""

NOTE = """
UPDATE candidate SET body = %(body)s, state = 'waiting', attempt = 0, changed_ns = %(now)s
WHERE id = %(id)s AND state <> 'running'
"""

_ENDED = "until = clock_timestamp() - interval '1 second' WHERE starts_with(worker, %(process)s)"
LEAVE = (
    f"UPDATE candidate SET {_ENDED} AND state = 'running'",
    f"UPDATE mined_repository SET {_ENDED} AND state = 'walking'",
)

REOPEN = """
UPDATE candidate SET state = 'waiting', attempt = 0, changed_ns = %(now)s
WHERE id = ANY(%(ids)s) AND state = ANY(%(states)s)
"""

COUNTS = """
SELECT sort, state, kind, count(*), coalesce(sum(cardinality(tasks)), 0)::bigint,
    coalesce(sum(cpu_s), 0)
FROM candidate
WHERE (%(repositories)s::int[] IS NULL OR repository = ANY(%(repositories)s))
    AND committed >= %(since)s AND committed <= %(until)s
GROUP BY sort, state, kind ORDER BY sort, state, count(*) DESC, kind
"""
