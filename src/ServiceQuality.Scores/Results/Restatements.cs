using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>
/// A restatement on its way; proposed → confirmed or declined. <paramref name="Content"/> is the document as it would be, <paramref name="Parts"/> are the documents
/// of other units that it takes along; null when it was proposed before restatements did so.
/// </summary>
internal sealed record ProposedRestatement(
    Guid Id, Guid Closing, Guid Unit, string Period, int Number, string State, Guid? Appeal, string Reason, string Content, string Hash, Guid Proposer, string ProposerName, DateTimeOffset Proposed,
    string? DeciderName, DateTimeOffset? Decided, IReadOnlyList<RestatementPart>? Parts)
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

/// <summary>A document of another unit that a restatement takes along.</summary>
internal sealed record RestatementPart(Guid Unit, int Number, decimal? Former, decimal? Official, string? FormerGrade, string? Grade, string Hash);

/// <summary>
/// Restates official results after late facts or accepted appeals (scoring.md §11), and with a unit's the documents above and below it that change. The former documents
/// stay as they are; each new one has its number, hash, difference, and a reason that leads to the cause. What the second person confirms are the very documents that
/// were proposed, all in one transaction.
/// </summary>
internal sealed class Restatements([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, RestatedTree tree, TimeProvider clock)
{
    public async Task<(Outcome Outcome, Guid Id)> ProposeAsync(Closing closing, PinnedUnit unit, string reason, Guid? appeal, Caller proposer, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        if (await ResultRows.FindAsync(connection, closing.Id, unit.Unit, number: null, ct) is null)
            return (Outcome.Refused("no-result", "The unit has no result in this closing."), default);
        if (ClosingRules.Recompute(closing.Period, [Zones.Of(unit.TimeZone)], clock.GetUtcNow()) is { IsRefused: true } tooOld)
            return (tooOld, default);
        if (appeal is { } id && await RestatementRows.IsAcceptedAsync(connection, id, closing.Id, unit.Unit, ct) is false)
            return (Outcome.Refused("appeal-not-accepted", "The appeal is not an accepted one of this unit and period."), default);

        var restated = await tree.ComputeAsync(connection, closing, unit, ct);
        if (!restated[0].Differs)
            return (Outcome.Refused("nothing-to-restate", "The result as of now is the one that is published."), default);
        var own = Seal(restated[0], reason, appeal, cause: null);
        var cause = new RestatementCause(unit.Unit, unit.Code, own.Document.Number, own.Sealed.Hash);
        return await StoreAsync(connection, closing, own, [.. restated.Skip(1).Where(one => one.Differs).Select(one => Seal(one, reason, appeal, cause))], proposer, ct);
    }

    /// <summary>A second person decides; from the commit on the new documents are the official ones.</summary>
    public async Task<Outcome> DecideAsync(ProposedRestatement it, bool confirm, string path, Caller decider, CancellationToken ct)
    {
        var now = Entry.Micros(clock.GetUtcNow());
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await ClosingRows.FindAsync(connection, it.Closing, forUpdate: true, ct);
        it = (await RestatementRows.FindAsync(connection, it.Id, ct))!;
        if (it.Decide(decider.Subject) is { IsRefused: true } refused)
            return refused;
        if (confirm && await ConfirmAsync(transaction, it, now, ct) is { IsRefused: true } overtaken)
            return overtaken;

        var state = confirm ? ProposedRestatement.Confirmed : ProposedRestatement.Declined;
        await ClosingRows.ExecuteAsync(connection, "UPDATE restatement SET state = $2, decider = $3, decider_name = $4, decided = $5 WHERE id = $1", ct, it.Id, state, decider.Subject, decider.Name, now);
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{decider.Subject} {decider.Name}", $"restatement.{state}", it.Id.ToString(), path, new { it.State }, new { state, it.Number, it.Hash, With = it.Parts },
            Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }

    public async Task<ProposedRestatement?> FindAsync(Guid id, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await RestatementRows.FindAsync(connection, id, ct);
    }

    /// <summary>The newest 200 of the units in scope.</summary>
    public async Task<IReadOnlyList<ProposedRestatement>> ListAsync(IReadOnlyList<string> scope, string? state, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await RestatementRows.ListAsync(connection, scope, state, ct);
    }

    private static NewDocument Seal(RestatedDocument it, string reason, Guid? appeal, RestatementCause? cause)
    {
        var document = it.Document with
        {
            Number = it.Former.Number + 1,
            Restatement = new Restatement(it.FormerHash, reason, appeal, ResultDifference.Between(it.Former, it.Document)) { Cause = cause },
        };
        return new(it.Former, document, ResultSeal.Seal(document));
    }

    private async Task<(Outcome, Guid)> StoreAsync(NpgsqlConnection connection, Closing closing, NewDocument own, IReadOnlyList<NewDocument> parts, Caller proposer, CancellationToken ct)
    {
        var (now, restated) = (Entry.Micros(clock.GetUtcNow()), own.Document.Restatement!);
        var id = Guid.CreateVersion7(now);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        // Whoever proposes or decides in this closing waits here: none of these documents is changed by two at once.
        await ClosingRows.FindAsync(connection, closing.Id, forUpdate: true, ct);
        if (await StandAsync(connection, closing.Id, [own.Document, .. parts.Select(part => part.Document)], ct) is { IsRefused: true } overtaken)
            return (overtaken, default);
        if (await RestatementRows.OpenAsync(connection, closing.Id, [own.Document.Unit.Id, .. parts.Select(part => part.Document.Unit.Id)], ct) is { } open)
        {
            return (open.Unit == own.Document.Unit.Id
                ? Outcome.Refused("restatement-already-proposed", "A restatement of this result waits for its decision already.")
                : Outcome.Refused("restatement-in-the-way", $"A restatement of {open.Code}, proposed by {open.Proposer}, waits for its decision and changes some of the same documents; decide it first."), default);
        }
        await RestatementRows.AddAsync(connection, id, closing.Id, own, parts, proposer, now, ct);
        await AuditTrail.AppendAsync(transaction, new AuditEntry(now, $"{proposer.Subject} {proposer.Name}", "restatement.proposed", id.ToString(), own.Document.Unit.Path,
            After: new { Period = closing.Period.ToString(), own.Document.Number, restated.Reason, restated.Difference.Official, own.Sealed.Hash, With = parts.Select(part => new { part.Document.Unit.Code, part.Document.Number, part.Document.Restatement!.Difference.Official, part.Sealed.Hash }) },
            Correlation: Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return (Outcome.Done, id);
    }

    private static async Task<Outcome> ConfirmAsync(NpgsqlTransaction transaction, ProposedRestatement it, DateTimeOffset now, CancellationToken ct)
    {
        var connection = transaction.Connection!;
        if (it.Parts is null)
            return Outcome.Refused("restatement-overtaken", "It was proposed before restatements took the documents above along; decline it and propose it again.");
        var documents = (await RestatementRows.PartsAsync(connection, it.Id, ct)).Prepend(new SealedResult(it.Content, it.Hash)).Select(one => (Document: ResultSeal.Read(one.Content), Sealed: one)).ToList();
        if (await StandAsync(connection, it.Closing, [.. documents.Select(one => one.Document)], ct) is { IsRefused: true } overtaken)
            return overtaken;
        var parents = (await ClosingRows.UnitsAsync(connection, it.Closing, "", ct)).ToDictionary(unit => unit.Unit, unit => unit.Parent);
        await ResultRows.AddAsync(transaction, it.Closing, [.. documents.Select(one => (parents[one.Document.Unit.Id], one.Document, one.Sealed))], it.ProposerName, now, ct);
        await PublishResults.TellAsync(transaction, await ResultRows.NewestOfAsync(connection, it.Closing, [.. documents.Select(one => one.Document.Unit.Id)], ct), now, ct);
        return Outcome.Done;
    }

    /// <summary>Every document would follow the one that is official now.</summary>
    private static async Task<Outcome> StandAsync(NpgsqlConnection connection, Guid closing, IReadOnlyList<ResultDocument> documents, CancellationToken ct)
    {
        var newest = (await ResultRows.NewestOfAsync(connection, closing, [.. documents.Select(one => one.Unit.Id)], ct)).ToDictionary(row => row.Unit, row => row.Hash);
        return documents.All(one => newest.GetValueOrDefault(one.Unit.Id) == one.Restatement!.Former)
            ? Outcome.Done
            : Outcome.Refused("restatement-overtaken", "One of the documents has been restated meanwhile; propose again what is still to be restated.");
    }
}

/// <summary>A document with its seal and the one that it replaces.</summary>
internal sealed record NewDocument(ResultDocument Former, ResultDocument Document, SealedResult Sealed);
