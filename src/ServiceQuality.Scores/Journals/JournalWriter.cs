using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;

namespace ServiceQuality.Scores.Journals;

/// <summary>What became of an append.</summary>
/// <param name="Stale">True when the journal had moved on: nothing was written, and the owner reads the journal before it tries again.</param>
/// <param name="Head">Seq of the branch's newest row after the commit.</param>
/// <param name="Received">Received of that row.</param>
/// <param name="Written">The entries that were written, in the order of their seq, without duplicates; the last one has seq <paramref name="Head"/>.</param>
/// <param name="Times">Received as journalled, one for each of <paramref name="Written"/>.</param>
public sealed record Appended(bool Stale, long Head, DateTimeOffset Received, IReadOnlyList<Entry> Written, IReadOnlyList<DateTimeOffset> Times);

/// <summary>
/// Writes entries to the journals: group commit across branches, each transaction one COPY and one compare-and-set on the heads, so
/// that an owner with an outdated head can never write (design.md, the way of a fact, step 3).
/// </summary>
/// <remarks>
/// Duplicates: entries are taken to be new and the unique index judges; only after a collision, or when the caller knows of a
/// redelivery, are the keys looked up first. A failed commit is reported as an exception: whether it took place is then unknown, and
/// the owner reads its journal before it goes on.
/// </remarks>
public sealed class JournalWriter : IAsyncDisposable
{
    private const int GroupRows = 20_000;
    private const int ChunkBytes = 1 << 18;
    private const int MaxAttempts = 5;
    private static readonly TimeSpan CollisionMemory = TimeSpan.FromSeconds(30);

    private readonly NpgsqlDataSource _db;
    private readonly TimeProvider _clock;
    private readonly Channel<Request> _waiting = Channel.CreateUnbounded<Request>(new() { AllowSynchronousContinuations = false });
    private readonly ConcurrentDictionary<int, long> _collided = new();
    private readonly Task[] _loops;

    /// <summary>Starts the writer's loops; two are enough to keep the database busy while the next group is being encoded.</summary>
    public JournalWriter(NpgsqlDataSource db, TimeProvider clock, int loops = 2)
    {
        _db = db;
        _clock = clock;
        _loops = [.. Enumerable.Range(0, loops).Select(_ => Task.Run(RunAsync))];
    }

    /// <summary>Appends entries to one branch; returns after the commit.</summary>
    /// <param name="head">Where the owner believes the journal to end.</param>
    /// <param name="entries">At least one.</param>
    /// <param name="origins">Batches of which this append is the first part; recorded in the same transaction.</param>
    /// <param name="lookUpFirst">The entries may well be there already.</param>
    /// <exception cref="NpgsqlException">The commit failed, or nobody knows.</exception>
    /// <exception cref="TemporarilyUnavailableException">The writer is closed; another instance will take the same facts.</exception>
    public Task<Appended> AppendAsync(JournalHead head, IReadOnlyList<Entry> entries, IReadOnlyList<BatchOrigin> origins, bool lookUpFirst = false)
    {
        var request = new Request(head, entries, origins, lookUpFirst);
        if (!_waiting.Writer.TryWrite(request))
            throw new TemporarilyUnavailableException("The journal writer is closed.");
        return request.Completion.Task;
    }

    /// <summary>Commits what waits and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_loops);
    }

    private async Task RunAsync()
    {
        using var rows = new CopyRows();
        var group = new List<Request>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            var size = 0;
            while (size < GroupRows && _waiting.Reader.TryRead(out var request))
            {
                group.Add(request);
                size += request.Entries.Count;
            }
            if (group.Count > 0)
                await CommitAsync(group, rows);
            group.Clear();
        }
    }

    private async Task CommitAsync(List<Request> group, CopyRows rows)
    {
        var started = Stopwatch.GetTimestamp();
        using var activity = ScoresTelemetry.Activities.StartActivity("journal commit");
        try
        {
            RefuseSecondAppendsToOneBranch(group);
            var lookUp = group.Any(LookUpFirst);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await CommitOnceAsync(group, lookUp, rows);
                    break;
                }
                catch (PostgresException e) when (attempt < MaxAttempts && e is { SqlState: PostgresErrorCodes.UniqueViolation, ConstraintName: "journal_key" })
                {
                    lookUp = true;
                    foreach (var request in group)
                        request.LookUpFirst = true;
                }
                catch (PostgresException e) when (attempt < MaxAttempts && e.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
                {
                    // Rolled back by the server: nothing was written, the same group may go again.
                }
            }

            var elapsed = Stopwatch.GetElapsedTime(started);
            activity?.SetTag("group.appends", group.Count);
            ScoresTelemetry.CommitDuration.Record(elapsed.TotalMilliseconds);
            ScoresTelemetry.GroupSize.Record(group.Sum(request => request.Fresh.Count));
            foreach (var request in group)
                Complete(request);
        }
        catch (Exception e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.Message);
            foreach (var request in group)
                request.Completion.TrySetException(e);
        }
    }

    private void Complete(Request request)
    {
        if (request.Stale)
        {
            ScoresTelemetry.StaleRefusals.Add(1);
            request.Completion.TrySetResult(new(Stale: true, request.Head.Head, request.Head.Received, [], []));
            return;
        }

        var duplicates = request.Entries.Count - request.Fresh.Count;
        if (duplicates > 0)
            _collided[request.Head.Branch] = _clock.GetTimestamp();
        ScoresTelemetry.FactsAppended.Add(request.Fresh.Count);
        ScoresTelemetry.Duplicates.Add(duplicates);
        request.Completion.TrySetResult(new(Stale: false, request.NewHead, request.NewReceived, request.Fresh, request.Times));
    }

    private bool LookUpFirst(Request request)
    {
        if (!request.LookUpFirst && _collided.TryGetValue(request.Head.Branch, out var at))
        {
            if (_clock.GetElapsedTime(at) < CollisionMemory)
                request.LookUpFirst = true;
            else
                _collided.TryRemove(request.Head.Branch, out _);
        }
        return request.LookUpFirst;
    }

    /// <summary>Two appends that start at the same head: the first wins, as it would in two transactions.</summary>
    private static void RefuseSecondAppendsToOneBranch(List<Request> group)
    {
        var seen = new HashSet<int>(group.Count);
        foreach (var request in group)
            request.Stale = !seen.Add(request.Head.Branch);
    }

    private async Task CommitOnceAsync(List<Request> group, bool lookUp, CopyRows rows)
    {
        await using var connection = await _db.OpenConnectionAsync();
        var known = lookUp ? await FindKnownAsync(connection, group) : null;
        foreach (var request in group)
            request.Number(known);

        await using var transaction = await connection.BeginTransactionAsync();
        await RecordOriginsAsync(connection, group);
        await MoveHeadsAsync(connection, group);
        if (group.Exists(request => request is { Stale: false, Fresh.Count: > 0 }))
            await CopyAsync(connection, group, rows);
        await transaction.CommitAsync();
    }

    private static async Task<HashSet<(int Branch, Guid Key)>> FindKnownAsync(NpgsqlConnection connection, List<Request> group)
    {
        var asked = group.Where(request => request.LookUpFirst).SelectMany(request => request.Entries, (request, entry) => (request.Head.Branch, entry.Key)).Distinct().ToList();
        var known = new HashSet<(int, Guid)>();
        foreach (var chunk in asked.Chunk(2_000))
        {
            // A lateral probe keeps to the unique index, whatever the planner believes about the size of the arrays.
            await using var command = new NpgsqlCommand(
                """
                SELECT n.branch, n.key FROM unnest($1::integer[], $2::uuid[]) AS n (branch, key)
                CROSS JOIN LATERAL (SELECT 1 FROM journal j WHERE j.branch = n.branch AND j.key = n.key LIMIT 1) AS found
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. chunk.Select(one => one.Branch)] });
            command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. chunk.Select(one => one.Key)] });
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                known.Add((reader.GetInt32(0), reader.GetGuid(1)));
        }
        return known;
    }

    private static async Task RecordOriginsAsync(NpgsqlConnection connection, List<Request> group)
    {
        // In the order of the ids, so that two writers that meet on a redelivered batch cannot lock each other out.
        var origins = group.Where(request => !request.Stale).SelectMany(request => request.Origins).DistinctBy(origin => origin.Id).OrderBy(origin => origin.Id).ToList();
        if (origins.Count == 0)
            return;

        await using var command = new NpgsqlCommand(
            "INSERT INTO batch (id, key, traceparent, received) SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[]) ON CONFLICT DO NOTHING", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. origins.Select(origin => origin.Id)] });
        command.Parameters.Add(new NpgsqlParameter<Guid?[]> { TypedValue = [.. origins.Select(origin => origin.Key)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. origins.Select(origin => origin.TraceParent)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. origins.Select(origin => origin.Received.UtcDateTime)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await command.ExecuteNonQueryAsync();
    }

    private static async Task MoveHeadsAsync(NpgsqlConnection connection, List<Request> group)
    {
        var moving = group.Where(request => request is { Stale: false, Fresh.Count: > 0 }).OrderBy(request => request.Head.Branch).ToDictionary(request => request.Head.Branch);
        if (moving.Count == 0)
            return;

        await using var command = new NpgsqlCommand(
            """
            UPDATE branch SET head = n.head, received = n.received
            FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::timestamptz[]) AS n (id, expected, head, received)
            WHERE branch.id = n.id AND branch.head = n.expected
            RETURNING branch.id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. moving.Keys] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. moving.Values.Select(request => request.Head.Head)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. moving.Values.Select(request => request.NewHead)] });
        command.Parameters.Add(new NpgsqlParameter<DateTime[]> { TypedValue = [.. moving.Values.Select(request => request.NewReceived.UtcDateTime)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            moving.Remove(reader.GetInt32(0));

        foreach (var (_, request) in moving)
            request.Stale = true;
    }

    private static async Task CopyAsync(NpgsqlConnection connection, List<Request> group, CopyRows rows)
    {
        rows.Clear();
        rows.Begin();
        await using var copy = await connection.BeginRawBinaryCopyAsync($"COPY journal ({CopyRows.Columns}) FROM STDIN (FORMAT BINARY)");
        foreach (var request in group.Where(request => !request.Stale))
        {
            for (var i = 0; i < request.Fresh.Count; i++)
            {
                rows.Add(request.Head.Branch, request.Head.Head + 1 + i, request.Times[i], request.Fresh[i]);
                if (rows.Length < ChunkBytes)
                    continue;

                // The database takes in this part while the next is being encoded.
                await copy.WriteAsync(rows.Written);
                rows.Clear();
            }
        }
        rows.End();
        await copy.WriteAsync(rows.Written);
    }

    private sealed class Request(JournalHead head, IReadOnlyList<Entry> entries, IReadOnlyList<BatchOrigin> origins, bool lookUpFirst)
    {
        public JournalHead Head => head;

        public IReadOnlyList<Entry> Entries => entries;

        public IReadOnlyList<BatchOrigin> Origins => origins;

        public bool LookUpFirst { get; set; } = lookUpFirst;

        public bool Stale { get; set; }

        public List<Entry> Fresh { get; private set; } = [];

        public List<DateTimeOffset> Times { get; } = [];

        public long NewHead => head.Head + Fresh.Count;

        public DateTimeOffset NewReceived => Times.Count > 0 ? Times[^1] : head.Received;

        public TaskCompletionSource<Appended> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Leaves out what is known or said twice, and gives every entry that stays its received, which never falls.</summary>
        public void Number(HashSet<(int Branch, Guid Key)>? known)
        {
            var seen = new HashSet<Guid>(entries.Count);
            var fresh = new List<Entry>(entries.Count);
            Times.Clear();
            var received = head.Received;
            foreach (var entry in entries)
            {
                if (!seen.Add(entry.Key) || known?.Contains((head.Branch, entry.Key)) == true)
                    continue;

                received = entry.Received > received ? entry.Received : received;
                fresh.Add(entry);
                Times.Add(received);
            }
            Fresh = fresh;
        }
    }
}
