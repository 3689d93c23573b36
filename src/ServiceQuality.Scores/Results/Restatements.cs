using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>A restatement on its way; proposed → confirmed or declined. <paramref name="Content"/> is the document as it would be.</summary>
internal sealed record ProposedRestatement(
    Guid Id, Guid Closing, Guid Unit, string Period, int Number, string State, Guid? Appeal, string Reason, string Content, string Hash, Guid Proposer, string ProposerName, DateTimeOffset Proposed,
    string? DeciderName, DateTimeOffset? Decided)
{
    public const string IsProposed = "proposed", Confirmed = "confirmed", Declined = "declined";

    public static IReadOnlyList<string> States { get; } = [IsProposed, Confirmed, Declined];

    /// <summary>A restatement is decided once, by somebody else than its proposer.</summary>
    public Outcome Decide(Guid who)
    {
        if (State != IsProposed)
            return Outcome.Refused("restatement-already-decided", "The restatement was decided before.");
        return Proposer == who ? Outcome.Refused("restatement-decider-is-proposer", "A restatement is confirmed or declined by somebody else than its proposer.") : Outcome.Done;
    }
}

/// <summary>
/// Restates official results after late facts or accepted appeals (scoring.md §11). The former document stays as it is; the new one has its hash, a reason and
/// the difference, leaf by leaf. What the second person confirms is the very document that was proposed.
/// </summary>
internal sealed class Restatements([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, Recompute recompute, TimeProvider clock)
{
    private const string Columns =
        "s.id, s.closing, s.unit, c.period, s.number, s.state, s.appeal, s.reason, s.content, s.hash, s.proposer, s.proposer_name, s.proposed, s.decider_name, s.decided FROM restatement s JOIN closing c ON c.id = s.closing";

    public async Task<(Outcome Outcome, Guid Id)> ProposeAsync(Closing closing, PinnedUnit unit, string reason, Guid? appeal, Caller proposer, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await ResultRows.FindAsync(connection, closing.Id, unit.Unit, number: null, ct) is not { } former)
            return (Outcome.Refused("no-result", "The unit has no result in this closing."), default);
        if (appeal is { } id && await IsAcceptedAsync(connection, id, closing.Id, unit.Unit, ct) is false)
            return (Outcome.Refused("appeal-not-accepted", "The appeal is not an accepted one of this unit and period."), default);

        var (before, now) = (ResultSeal.Read(former.Content), await recompute.AsOfNowAsync(closing, unit, ct));
        if (now.SaysTheSameAs(before))
            return (Outcome.Refused("nothing-to-restate", "The result as of now is the one that is published."), default);
        var document = now with { Number = former.Row.Number + 1, Restatement = new Restatement(former.Row.Hash, reason, appeal, ResultDifference.Between(before, now)) };
        return await StoreAsync(connection, closing, document, ResultSeal.Seal(document), proposer, ct);
    }

    /// <summary>A second person decides; from the commit on the new document is the official one.</summary>
    public async Task<Outcome> DecideAsync(ProposedRestatement it, bool confirm, string path, Guid? parent, Caller decider, CancellationToken ct)
    {
        var now = Entry.Micros(clock.GetUtcNow());
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ClosingRows.ExecuteAsync(connection, "SELECT FROM restatement WHERE id = $1 FOR UPDATE", ct, it.Id);
        it = (await ReadAsync(connection, "WHERE s.id = $1", ct, it.Id))[0];
        if (it.Decide(decider.Subject) is { IsRefused: true } refused)
            return refused;

        var state = confirm ? ProposedRestatement.Confirmed : ProposedRestatement.Declined;
        await ClosingRows.ExecuteAsync(connection, "UPDATE restatement SET state = $2, decider = $3, decider_name = $4, decided = $5 WHERE id = $1", ct, it.Id, state, decider.Subject, decider.Name, now);
        if (confirm)
        {
            await ResultRows.AddAsync(transaction, it.Closing, [(parent, ResultSeal.Read(it.Content), new SealedResult(it.Content, it.Hash))], it.ProposerName, now, ct);
            await PublishResults.TellAsync(transaction, (await ResultRows.NumbersAsync(connection, it.Closing, it.Unit, ct)).TakeLast(1), now, ct);
        }
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{decider.Subject} {decider.Name}", $"restatement.{state}", it.Id.ToString(), path, new { it.State }, new { state, it.Number, it.Hash },
            Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }

    public async Task<ProposedRestatement?> FindAsync(Guid id, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ReadAsync(connection, "WHERE s.id = $1", ct, id) is [var found] ? found : null;
    }

    /// <summary>The newest 200 of the units in scope.</summary>
    public async Task<IReadOnlyList<ProposedRestatement>> ListAsync(IReadOnlyList<string> scope, string? state, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await ReadAsync(connection,
            """
            JOIN unit u ON u.unit = s.unit WHERE ($2::text IS NULL OR s.state = $2)
              AND EXISTS (SELECT FROM unnest($1::text[]) AS p (path) WHERE starts_with(u.path, p.path)) ORDER BY s.proposed DESC LIMIT 200
            """, ct, scope.ToArray(), state);
    }

    private async Task<(Outcome, Guid)> StoreAsync(NpgsqlConnection connection, Closing closing, ResultDocument document, SealedResult sealed_, Caller proposer, CancellationToken ct)
    {
        var (now, restated) = (Entry.Micros(clock.GetUtcNow()), document.Restatement!);
        var id = Guid.CreateVersion7(now);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (await ClosingRows.ExecuteAsync(connection,
            """
            INSERT INTO restatement (id, closing, unit, number, state, appeal, reason, content, hash, official, proposer, proposer_name, proposed)
            VALUES ($1, $2, $3, $4, 'proposed', $5::uuid, $6, $7, $8, $9::numeric, $10, $11, $12) ON CONFLICT DO NOTHING
            """, ct, id, closing.Id, document.Unit.Id, document.Number, restated.Appeal, restated.Reason, sealed_.Content, sealed_.Hash, document.Official, proposer.Subject, proposer.Name, now) == 0)
            return (Outcome.Refused("restatement-already-proposed", "A restatement of this result waits for its decision already."), default);
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{proposer.Subject} {proposer.Name}", "restatement.proposed", id.ToString(), document.Unit.Path,
            After: new { Period = closing.Period.ToString(), document.Number, restated.Reason, restated.Difference.Official, sealed_.Hash }, Correlation: Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return (Outcome.Done, id);
    }

    private static async Task<bool> IsAcceptedAsync(NpgsqlConnection connection, Guid appeal, Guid closing, Guid unit, CancellationToken ct)
    {
        await using var command = ClosingRows.Command(connection, "SELECT EXISTS (SELECT FROM appeal WHERE id = $1 AND closing = $2 AND unit = $3 AND state = 'accepted')", appeal, closing, unit);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    private static async Task<List<ProposedRestatement>> ReadAsync(NpgsqlConnection connection, string where, CancellationToken ct, params object?[] values)
    {
        await using var command = ClosingRows.Command(connection, $"SELECT {Columns} {where}", values);
        await using var row = await command.ExecuteReaderAsync(ct);
        var found = new List<ProposedRestatement>();
        while (await row.ReadAsync(ct))
        {
            found.Add(new ProposedRestatement(row.GetGuid(0), row.GetGuid(1), row.GetGuid(2), row.GetString(3), row.GetInt32(4), row.GetString(5), row.IsDBNull(6) ? null : row.GetGuid(6), row.GetString(7),
                row.GetString(8), row.GetString(9), row.GetGuid(10), row.GetString(11), Journal.Utc(row.GetDateTime(12)), ClosingRows.TextAt(row, 13), ClosingRows.TimeAt(row, 14)));
        }
        return found;
    }
}
