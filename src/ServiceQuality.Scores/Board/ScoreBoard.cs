using System.Collections.Concurrent;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Intake;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>
/// Keeps the boards of the periods in use, and tells the world what changed: live clients, other services, and the history of what was shown.
/// A unit is computed at most once a second, however many facts it has.
/// </summary>
internal sealed class ScoreBoard(
    IScoreTier tier, SchemeBook schemes, UnitReplica units, ScoreStream stream, FactsPulse pulse, Teller teller, IBus bus,
    [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, TimeProvider clock, ILogger<ScoreBoard> logger) : BackgroundService
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan InUse = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstView = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int MaxPeriods = 12;

    private readonly ConcurrentDictionary<Guid, DateTimeOffset> _moved = new();
    private readonly ConcurrentDictionary<Period, BoardState> _boards = new();
    private readonly ConcurrentDictionary<Guid, ScoreChanged> _untold = new();
    private readonly Dictionary<Guid, (double? Score, string? Grade, double? Change)> _told = [];
    private DateTimeOffset _historyHour;

    /// <summary>The newest view of a period; the first request for a period waits until it has been computed.</summary>
    /// <exception cref="TemporarilyUnavailableException">It takes too long, or too many periods are in use.</exception>
    public async Task<BoardView> ViewAsync(Period period, CancellationToken ct)
    {
        if (!_boards.TryGetValue(period, out var board))
        {
            if (_boards.Count >= MaxPeriods)
                throw new TemporarilyUnavailableException("Boards of too many periods are in use.");
            board = _boards.GetOrAdd(period, NewBoard);
        }
        board.AskedAt = clock.GetTimestamp();

        var asked = clock.GetTimestamp();
        while (board.View is null)
        {
            if (clock.GetElapsedTime(asked) > FirstView)
                throw new TemporarilyUnavailableException("The board is still being computed.");
            await Task.Delay(Round / 4, clock, ct);
        }
        return board.View;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var _ = tier.Subscribe(Moved);
        var publishing = PublishAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await tier.UnitsAsync(stoppingToken);
                await RefreshAsync(stoppingToken);
                await Task.Delay(Round, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The board could not be refreshed; trying again");
                await Task.Delay(Rest, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        await publishing;
    }

    private void Moved(Movement moved)
    {
        _moved.AddOrUpdate(moved.Unit, moved.Earliest, (_, known) => moved.Earliest < known ? moved.Earliest : known);
        if (moved.Written > 0)
            pulse.Written(moved.Unit, moved.Written);
    }

    private BoardState NewBoard(Period period) => new(period, tier, schemes, clock);

    private async Task RefreshAsync(CancellationToken ct)
    {
        var tree = units.Tree;
        var main = schemes.InForce(tree.Today(clock.GetUtcNow())).MainPeriod;
        _boards.GetOrAdd(main, NewBoard).AskedAt = clock.GetTimestamp();
        foreach (var unused in _boards.Values.Where(board => clock.GetElapsedTime(board.AskedAt) > InUse).ToList())
            _boards.TryRemove(unused.Period, out _);

        var moved = new List<(Guid Unit, DateTimeOffset Earliest)>();
        foreach (var unit in _moved.Keys)
        {
            if (_moved.TryRemove(unit, out var earliest))
                moved.Add((unit, earliest));
        }
        foreach (var board in _boards.Values)
        {
            foreach (var (unit, earliest) in moved)
                board.Mark(unit, earliest);
            var changed = await board.RefreshAsync(tree, Rest, ct);
            var past = await board.ContinuePastAsync(ct);
            if (board.Period == main)
                Tell(main, [.. changed, .. past]);
        }
        await KeepHistoryAsync(main, ct);
    }

    /// <summary>To live clients now, and over the bus soon. Only what somebody would see: a score that looks the same is none.</summary>
    private void Tell(Period period, IReadOnlyList<BoardRow> rows)
    {
        foreach (var row in rows)
        {
            var known = _told.TryGetValue(row.Unit.Id, out var told);
            var now = (Score: Rounded(row.Score.Value), Grade: row.Score.Grade?.Code, Change: Rounded(row.Change24h));
            if (known ? told == now : row.Score.Value is null)
                continue;

            _told[row.Unit.Id] = now;
            stream.Publish(row.Unit.Path, row.Event());
            if (known && (told.Score, told.Grade) == (now.Score, now.Grade))
                continue;
            _untold[row.Unit.Id] = Change(period, row);
        }
    }

    private static ScoreChanged Change(Period period, BoardRow row) => new(
        row.Unit.Id, period.ToString(), row.Score.Value, row.Score.Grade?.Code, row.Score.Coverage, row.Score.Scheme.Reference, row.OwnSeq, row.AsOf);

    private static double? Rounded(double? number) => number is { } value ? Math.Round(value, 2) : null;

    /// <summary>
    /// Publishes the newest change of each unit. While the broker is away, or while another process is the one that tells, the boards go on;
    /// afterwards one message per unit says where things stand, because every later message says more than the earlier ones.
    /// </summary>
    private async Task PublishAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            foreach (var unit in !_untold.IsEmpty && await teller.IsHereAsync(ct) ? _untold.Keys : [])
            {
                if (!_untold.TryRemove(unit, out var change))
                    continue;
                try
                {
                    using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
                    patience.CancelAfter(Patience);
                    await bus.Publish(change, patience.Token);
                }
                catch (Exception e) when (!ct.IsCancellationRequested)
                {
                    logger.LogDebug(e, "A score change could not be published; trying again");
                    _untold.TryAdd(unit, change);
                    break;
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
            await Task.Delay(Rest, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// What the board shows at the turn of the hour is kept as it was shown, and told through the outbox in the same transaction: whoever missed a
    /// change learns the score of every unit here (docs/adr/0008). Of several processes the one that keeps the hour tells it.
    /// </summary>
    private async Task KeepHistoryAsync(Period main, CancellationToken ct)
    {
        var hour = TimeZoneInfo.Utc.HourAt(clock.GetUtcNow());
        if (hour == _historyHour || !_boards.TryGetValue(main, out var board) || board.View is not { Rows.Count: > 0 } view)
            return;

        List<BoardRow> rows = [.. view.Rows.Where(row => row.Score.Value is not null)];
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO score_history (unit, period, at, score, low, high, grade, coverage, scheme, seq)
            SELECT unit, $2, $3, score, low, high, grade, coverage, $4, seq
            FROM unnest($1::uuid[], $5::float8[], $6::float8[], $7::float8[], $8::text[], $9::float8[], $10::bigint[]) AS r (unit, score, low, high, grade, coverage, seq)
            ON CONFLICT DO NOTHING
            """, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Select(row => row.Unit.Id)] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = main.ToString() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = hour.UtcDateTime, NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = view.Scheme.Reference });
        command.Parameters.Add(new NpgsqlParameter<double?[]> { TypedValue = [.. rows.Select(row => row.Score.Value)] });
        command.Parameters.Add(new NpgsqlParameter<double?[]> { TypedValue = [.. rows.Select(row => row.Score.Interval?.Low)] });
        command.Parameters.Add(new NpgsqlParameter<double?[]> { TypedValue = [.. rows.Select(row => row.Score.Interval?.High)] });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = [.. rows.Select(row => row.Score.Grade?.Code)] });
        command.Parameters.Add(new NpgsqlParameter<double[]> { TypedValue = [.. rows.Select(row => row.Score.Coverage)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. rows.Select(row => row.Seq)] });
        if (await command.ExecuteNonQueryAsync(ct) > 0)
            await Outbox.AddAsync(transaction, view.Rows.Select(row => Change(main, row)), ct);
        await transaction.CommitAsync(ct);
        _historyHour = hour;
    }
}
