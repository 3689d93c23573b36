using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;

namespace ServiceQuality.Scores.Journals;

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
    private const int MaxAttempts = 5;
    private static readonly TimeSpan CollisionMemory = TimeSpan.FromSeconds(30);

    private readonly NpgsqlDataSource _db;
    private readonly TimeProvider _clock;
    private readonly Channel<AppendRequest> _waiting = Channel.CreateUnbounded<AppendRequest>(new() { AllowSynchronousContinuations = false });
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
        var request = new AppendRequest(head, entries, origins, lookUpFirst);
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
        var group = new List<AppendRequest>();
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

    private async Task CommitAsync(List<AppendRequest> group, CopyRows rows)
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
                    await GroupCommit.RunAsync(_db, group, lookUp, rows);
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

    private void Complete(AppendRequest request)
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

    private bool LookUpFirst(AppendRequest request)
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
    private static void RefuseSecondAppendsToOneBranch(List<AppendRequest> group)
    {
        var seen = new HashSet<int>(group.Count);
        foreach (var request in group)
            request.Stale = !seen.Add(request.Head.Branch);
    }
}
