using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>Checks, publishes and discards closings (SCO-24). Each change is one transaction with its audit record and its messages.</summary>
internal sealed class PublishResults([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CheckResults check, IOptions<ResultSettings> settings, TimeProvider clock)
{
    public async Task<Outcome> CheckAsync(Guid id, Caller caller, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (ClosingRules.Check((await ClosingRows.FindAsync(connection, id, forUpdate: false, ct))!) is { IsRefused: true } refused)
            return refused;
        var findings = await check.RunAsync(connection, (await ClosingRows.FindAsync(connection, id, forUpdate: false, ct))!, ct);
        return await ChangeAsync(id, caller, "result.checked", ClosingRules.Check, findings.Counts, (it, now) => ClosingRows.ExecuteAsync(
            connection, "UPDATE closing SET state = 'checked', findings = $2, checked = $3 WHERE id = $1", ct, it.Id, findings.Write(), now), connection, ct);
    }

    /// <summary>Publishes what was checked; when a check would find something else by now, it has to be looked at first.</summary>
    public async Task<Outcome> PublishAsync(Guid id, Caller caller, string? comment, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var closing = (await ClosingRows.FindAsync(connection, id, forUpdate: false, ct))!;
        if (ClosingRules.Publish(closing, caller.Subject, 0, null) is { IsRefused: true } early)
            return early;
        var findings = await check.RunAsync(connection, closing, ct);
        if (findings.Write() != closing.Findings)
            return Outcome.Refused("closing-findings-changed", "A check would find something else by now; check again.");
        return await ChangeAsync(id, caller, "result.published", it => ClosingRules.Publish(it, caller.Subject, findings.Total, comment), new { Comment = comment, findings.Counts },
            (it, now) => PublishAsync(connection, it, caller, comment, now, ct), connection, ct);
    }

    public async Task<Outcome> DiscardAsync(Guid id, Caller caller, string reason, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ChangeAsync(id, caller, "result.discarded", ClosingRules.Discard, new { reason }, (it, _) => ClosingRows.ExecuteAsync(
            connection, "UPDATE closing SET state = 'discarded', comment = $2 WHERE id = $1", ct, it.Id, reason), connection, ct);
    }

    private async Task PublishAsync(NpgsqlConnection connection, Closing it, Caller caller, string? comment, DateTimeOffset now, CancellationToken ct)
    {
        var zone = Zones.Of((await ClosingRows.UnitAsync(connection, it.Id, it.Unit, ct))!.TimeZone);
        var last = settings.Value.WorkingDays.After(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime), settings.Value.AppealWorkingDays);
        var until = TimeZoneInfo.ConvertTimeToUtc(last.AddDays(1).ToDateTime(TimeOnly.MinValue), zone);
        await ClosingRows.ExecuteAsync(connection, "UPDATE closing SET state = 'published', publisher = $2, publisher_name = $3, published = $4, comment = $5, appeals_until = $6 WHERE id = $1",
            ct, it.Id, caller.Subject, caller.Name, now, comment, new DateTimeOffset(until, TimeSpan.Zero));
    }

    private async Task<Outcome> ChangeAsync(
        Guid id, Caller caller, string action, Func<Closing, Outcome> rule, object after, Func<Closing, DateTimeOffset, Task> change, NpgsqlConnection connection, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var before = (await ClosingRows.FindAsync(connection, id, forUpdate: true, ct))!;
        if (rule(before) is { IsRefused: true } refused)
            return refused;
        await change(before, now);
        if (action == "result.published")
            await TellAsync(transaction, await ResultRows.NewestAsync(connection, id, [""], ct), now, ct);
        var path = (await ClosingRows.UnitAsync(connection, id, before.Unit, ct))?.Path;
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{caller.Subject} {caller.Name}", action, id.ToString(), path, new { before.State }, after, Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }

    /// <summary>Tells the suite which results are out (XR-50).</summary>
    public static Task TellAsync(NpgsqlTransaction transaction, IEnumerable<ResultRow> rows, DateTimeOffset now, CancellationToken ct) => Outbox.AddAsync(
        transaction, rows.Select(row => new AppraisalPublished(row.Unit, row.Period, row.Number, row.Official, row.Grade, row.Place, row.Hash, now)), ct);
}
