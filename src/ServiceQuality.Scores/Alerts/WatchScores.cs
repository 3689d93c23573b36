using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Alerts;

/// <summary>
/// Looks at the board of the main period every two seconds and tells of crossings and falls (SCO-31, XR-51). Several processes may look: the state in the database decides
/// which of them tells.
/// </summary>
internal sealed class WatchScores(
    ScoreBoard board, UnitScores scores, SchemeBook schemes, UnitReplica units, AlertLedger ledger, IOptions<AlertSettings> settings, TimeProvider clock, ILogger<WatchScores> logger) : BackgroundService
{
    private const int MostCauses = 5;
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Forgetting = TimeSpan.FromHours(6);

    private Dictionary<Guid, AlertState>? _states;
    private DateTimeOffset _forgot;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Read again what is known: nothing is lost, for the board still shows it.
                _states = null;
                logger.LogDebug(e, "Scores could not be watched; trying again");
            }
            await Task.Delay(Round, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (now - _forgot > Forgetting)
        {
            await ledger.ForgetAsync(now.AddDays(-settings.Value.KeepDays), ct);
            _forgot = now;
        }
        var main = schemes.InForce(units.Tree.Today(now)).MainPeriod;
        var view = await board.ViewAsync(main, ct);
        _states ??= await ledger.StatesAsync(ct);
        foreach (var row in view.Rows.Where(row => row.Score.Value is not null))
        {
            var known = _states.GetValueOrDefault(row.Unit.Id);
            var decision = AlertRule.Decide(known, row.Score.Grade?.Code, row.Change24h, row.Score.Scheme.Bands, settings.Value, now);
            if (decision.Next is null || ReferenceEquals(decision.Next, known) || decision.Next == known)
                continue;
            if (!await TellAsync(main, row, decision, now, ct))
            {
                _states = null;
                return;
            }
            _states[row.Unit.Id] = decision.Next with { Version = decision.Next.Version + 1 };
        }
    }

    private async Task<bool> TellAsync(Period period, BoardRow row, AlertDecision decision, DateTimeOffset now, CancellationToken ct)
    {
        var alerts = new List<(Alert, object)>();
        if (decision.Drop || decision.Crossing is not null)
        {
            var (causes, score, scheme) = (await CausesAsync(row, period, now, decision.Drop || decision.IsFall, ct), row.Score.Value!.Value, row.Score.Scheme.Reference);
            if (decision.Crossing is { } from)
            {
                var to = decision.Next!.Grade;
                var alert = new Alert(Guid.CreateVersion7(now), row.Unit.Id, "grade-band-crossed", period.ToString(), now, score, row.Change24h, from, to, decision.IsFall, scheme, causes);
                alerts.Add((alert, new GradeBandCrossed(alert.Id, alert.Unit, alert.Period, from, to, decision.IsFall, score, scheme, causes, now)));
            }
            if (decision.Drop)
            {
                var alert = new Alert(Guid.CreateVersion7(now), row.Unit.Id, "score-drop", period.ToString(), now, score, row.Change24h, null, row.Score.Grade?.Code, true, scheme, causes);
                alerts.Add((alert, new ScoreDropDetected(alert.Id, alert.Unit, alert.Period, score, row.Change24h!.Value, row.Score.Grade?.Code, scheme, causes, now)));
            }
        }
        return await ledger.TellAsync(row.Unit.Id, decision.Next!, alerts, ct);
    }

    /// <summary>The indicators that moved the score the most in its direction over the last 24 hours.</summary>
    private async Task<IReadOnlyList<ScoreCause>> CausesAsync(BoardRow row, Period period, DateTimeOffset now, bool fall, CancellationToken ct)
    {
        var (from, to) = await scores.CompareAsync(row.Unit, period, now.AddDays(-1), to: null, ct);
        return [.. ScoreChange.Between(from.Score, to.Score).Leaves.Where(leaf => fall ? leaf.Total < 0 : leaf.Total > 0).OrderByDescending(leaf => Math.Abs(leaf.Total)).Take(MostCauses)
            .Select(leaf => new ScoreCause(leaf.Indicator.Code, Math.Round(leaf.Total, 6), leaf.From?.Value, leaf.To?.Value))];
    }
}
