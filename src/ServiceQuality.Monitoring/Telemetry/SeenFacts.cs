using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>
/// Remembers which facts were accepted, by the hash of source and id, so that a repetition can be answered as such. It is asked before the
/// send and told after it: killed in between, the repetition is sent again and the journal drops it, so nothing is lost. Concurrent POSTs
/// share one statement.
/// </summary>
internal sealed class SeenFacts(
    [FromKeyedServices(MonitoringService.Name)] NpgsqlDataSource db, IOptions<IntakeSettings> settings, TimeProvider clock, ILogger<SeenFacts> logger) : BackgroundService
{
    private const int MostKeys = 20_000;
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(10);

    private readonly Channel<Question> _questions = Channel.CreateUnbounded<Question>(new() { SingleReader = true });
    private readonly Channel<Memory> _memories = Channel.CreateUnbounded<Memory>(new() { SingleReader = true });

    /// <summary>What is known of the keys: their payloads.</summary>
    /// <exception cref="NpgsqlException">The database is away.</exception>
    public Task<IReadOnlyDictionary<Guid, long>> FindAsync(Guid[] keys, CancellationToken ct) => Enqueue<Question, IReadOnlyDictionary<Guid, long>>(_questions, new Question(keys), ct);

    /// <summary>Notes accepted facts; returns when a repetition will be recognised.</summary>
    public Task RememberAsync(Guid[] keys, long[] payloads, CancellationToken ct) => Enqueue<Memory, bool>(_memories, new Memory(keys, payloads), ct);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        WorkAsync(_questions, FindAsync, stoppingToken),
        WorkAsync(_memories, RememberAsync, stoppingToken),
        PruneAsync(stoppingToken));

    private static async Task<T> Enqueue<TWork, T>(Channel<TWork> channel, TWork work, CancellationToken ct) where TWork : Work<T>
    {
        if (!channel.Writer.TryWrite(work))
            throw Stopping();
        return await work.Done.Task.WaitAsync(ct);
    }

    /// <summary>Takes whatever has gathered while the last statement ran, and answers everyone with the next.</summary>
    private static async Task WorkAsync<TWork>(Channel<TWork> channel, Func<List<TWork>, CancellationToken, Task> run, CancellationToken ct) where TWork : IWork
    {
        var (gathered, reader) = (new List<TWork>(), channel.Reader);
        try
        {
            while (await reader.WaitToReadAsync(ct))
            {
                gathered.Clear();
                for (var keys = 0; keys < MostKeys && reader.TryRead(out var work); keys += work.Keys.Length)
                    gathered.Add(work);
                try
                {
                    await run(gathered, ct);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    gathered.ForEach(work => work.Fail(failure));
                }
            }
        }
        catch (OperationCanceledException)
        {
            channel.Writer.Complete();
            gathered.ForEach(work => work.Fail(Stopping()));
            while (reader.TryRead(out var work))
                work.Fail(Stopping());
        }
    }

    private static TemporarilyUnavailableException Stopping() => new("The service is stopping.");

    private async Task FindAsync(List<Question> questions, CancellationToken ct)
    {
        var found = new Dictionary<Guid, long>();
        await using (var command = db.CreateCommand("select key, payload from seen where key = any($1)"))
        {
            command.Parameters.Add(new() { Value = questions.Count == 1 ? questions[0].Keys : [.. questions.SelectMany(question => question.Keys)] });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct))
                found[reader.GetGuid(0)] = reader.GetInt64(1);
        }
        questions.ForEach(question => question.Done.TrySetResult(found));
    }

    private async Task RememberAsync(List<Memory> memories, CancellationToken ct)
    {
        try
        {
            await InsertAsync(memories, "", ct);
        }
        catch (PostgresException known) when (known.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await InsertAsync(memories, "on conflict (key) do nothing", ct);
        }
        memories.ForEach(memory => memory.Done.TrySetResult(true));
    }

    /// <summary>
    /// Nearly always all keys are new, because they have just been asked for: to check each for a conflict would cost half as much again. In their order the index
    /// takes them faster.
    /// </summary>
    private async Task InsertAsync(List<Memory> memories, string otherwise, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            batch.BatchCommands.Add(new("set local synchronous_commit = off"));
            batch.BatchCommands.Add(new($"insert into seen (key, payload, at) select key, payload, $3 from unnest($1, $2) as fact (key, payload) order by key {otherwise}")
            {
                Parameters =
                {
                    new() { Value = memories.Count == 1 ? memories[0].Keys : memories.SelectMany(memory => memory.Keys).ToArray() },
                    new() { Value = memories.Count == 1 ? memories[0].Payloads : memories.SelectMany(memory => memory.Payloads).ToArray() },
                    new() { Value = clock.GetUtcNow() },
                },
            });
            await batch.ExecuteNonQueryAsync(ct);
        }
        await transaction.CommitAsync(ct);
    }

    private async Task PruneAsync(CancellationToken ct)
    {
        try
        {
            using var timer = new PeriodicTimer(PruneInterval, clock);
            do
            {
                try
                {
                    while (await PruneSomeAsync(ct) > 0)
                    {
                    }
                }
                catch (NpgsqlException failure)
                {
                    logger.LogWarning("Old facts cannot be forgotten: {Reason}", failure.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(ct));
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    private async Task<int> PruneSomeAsync(CancellationToken ct)
    {
        await using var command = db.CreateCommand("delete from seen where key in (select key from seen where at < $1 limit 10000)");
        command.Parameters.Add(new() { Value = clock.GetUtcNow() - settings.Value.SeenKeeps });
        return await command.ExecuteNonQueryAsync(ct);
    }

    private interface IWork
    {
        Guid[] Keys { get; }

        void Fail(Exception failure);
    }

    private abstract class Work<T>(Guid[] keys) : IWork
    {
        public Guid[] Keys { get; } = keys;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Fail(Exception failure) => Done.TrySetException(failure);
    }

    private sealed class Question(Guid[] keys) : Work<IReadOnlyDictionary<Guid, long>>(keys);

    private sealed class Memory(Guid[] keys, long[] payloads) : Work<bool>(keys)
    {
        public long[] Payloads { get; } = payloads;
    }
}
