using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Contracts.Scores;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Deductions;

/// <summary>What a proposal says.</summary>
internal sealed record Proposal(Guid Unit, string Rule, string Case, DateTimeOffset Happened, string Reason, string Evidence);

/// <summary>
/// The deduction ledger. Each change is one transaction with its audit record and its messages; what was confirmed enters the unit's journal through the
/// outbox and the door that all facts take, under the id of the case, hence once.
/// </summary>
internal sealed class DeductionLedger([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, UnitReplica units, DeductionRulebook rulebook, TimeProvider clock)
{
    /// <summary>CloudEvents source of what the ledger writes to the journals.</summary>
    public const string Source = "urn:servicequality:scores";

    /// <summary>The journal keeps days for 400; a case must be told well before.</summary>
    public static readonly TimeSpan LongestAgo = TimeSpan.FromDays(395);

    /// <summary>CloudEvents id of a case's fact.</summary>
    public static string FactId(Guid id) => $"deduction/{id}";

    /// <summary>A person proposes; refused when the case stands in the ledger already.</summary>
    public async Task<(Outcome Outcome, Guid Id)> ProposeAsync(Proposal proposal, Caller proposer, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (outcome, id) = await ProposeAsync(transaction, proposal, proposer.Subject, proposer.Name, evenIfRejected: true, ct);
        if (!outcome.IsRefused)
            await transaction.CommitAsync(ct);
        return (outcome, id);
    }

    /// <summary>Writes a proposal within a transaction. A service does not propose again what was rejected: its repetition says nothing new.</summary>
    public async Task<(Outcome Outcome, Guid Id)> ProposeAsync(
        NpgsqlTransaction transaction, Proposal proposal, Guid? proposer, string name, bool evenIfRejected, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (proposal.Happened > now + TimeSpan.FromMinutes(5))
            return (Outcome.Refused("happened-in-future", "'happened' lies in the future."), default);
        if (now - proposal.Happened > LongestAgo)
            return (Outcome.Refused("happened-too-long-ago", "What happened more than 395 days ago counts in no period any more."), default);
        if (!rulebook.On(proposal.Happened).TryGetValue(proposal.Rule, out var rule))
            return (Outcome.Refused("unknown-rule", "The scheme in force on that day has no such rule."), default);

        var it = new DeductionCase(
            Guid.CreateVersion7(now), proposal.Unit, rule.Rule, rule.Kind == AdjustmentKind.Bonus ? "bonus" : "deduction", rule.Points, proposal.Case.Trim(), Journals.Entry.Micros(proposal.Happened),
            proposal.Reason.Trim(), proposal.Evidence.Trim(), DeductionCase.Proposed, new Step(proposer, name, now, null));
        if (!await DeductionRows.InsertAsync(transaction, it, evenIfRejected, ct))
            return (Outcome.Refused("deduction-case-known", "The case stands in the ledger under this rule already; it counts once."), default);
        await AuditAsync(transaction, it, proposer, name, "proposed", before: null, ct);
        return (Outcome.Done, it.Id);
    }

    /// <summary>Another person confirms; from the commit on the points are on their way into the journal.</summary>
    public Task<Outcome> ConfirmAsync(Guid id, Caller caller, string? text, CancellationToken ct) => ChangeAsync(id, caller, DeductionRules.Confirm,
        (it, step) => it with { State = DeductionCase.Confirmed, Decision = step with { Text = text } },
        it =>
        [
            Fact(it, it.Kind == "bonus" ? new Bonus(it.Rule, it.Points, it.Reason, it.Case) : new Contracts.Facts.Deduction(it.Rule, it.Points, it.Reason, it.Case), FactId(it.Id), it.Happened),
            new DeductionConfirmed(it.Id, it.Unit, it.Rule, it.Kind, it.Points, it.Case, it.Happened, it.Proposal.Name, it.Decision!.At),
        ], ct);

    /// <summary>Another person rejects.</summary>
    public Task<Outcome> RejectAsync(Guid id, Caller caller, string reason, CancellationToken ct) => ChangeAsync(id, caller, DeductionRules.Reject,
        (it, step) => it with { State = DeductionCase.Rejected, Decision = step with { Text = reason } }, _ => [], ct);

    /// <summary>The unit appeals.</summary>
    public Task<Outcome> AppealAsync(Guid id, Caller caller, string reason, CancellationToken ct) => ChangeAsync(id, caller, DeductionRules.Appeal,
        (it, step) => it with { State = DeductionCase.Appealed, Appeal = step with { Text = reason } }, _ => [], ct);

    /// <summary>Somebody who took no part upholds the deduction.</summary>
    public Task<Outcome> UpholdAsync(Guid id, Caller caller, string reason, CancellationToken ct) => ChangeAsync(id, caller, DeductionRules.Judge,
        (it, step) => it with { State = DeductionCase.Upheld, Judgement = step with { Text = reason } }, _ => [], ct);

    /// <summary>Somebody who took no part reverses the deduction: it is withdrawn from the journal.</summary>
    public Task<Outcome> ReverseAsync(Guid id, Caller caller, string reason, CancellationToken ct) => ChangeAsync(id, caller, DeductionRules.Judge,
        (it, step) => it with { State = DeductionCase.Reversed, Judgement = step with { Text = reason } },
        it =>
        [
            Fact(it, new AdjustmentWithdrawn(Source, FactId(it.Id), reason), $"{FactId(it.Id)}/reversed", it.Judgement!.At),
            new DeductionReversed(it.Id, it.Unit, it.Rule, it.Kind, it.Points, it.Case, reason, it.Proposal.Name, it.Judgement.At),
        ], ct);

    /// <summary>A case; null when there is none.</summary>
    public async Task<DeductionCase?> FindAsync(Guid id, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await DeductionRows.FindAsync(connection, id, forUpdate: false, ct);
    }

    /// <summary>The newest cases first.</summary>
    public async Task<IReadOnlyList<DeductionCase>> ListAsync(DeductionFilter filter, int limit, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        return await DeductionRows.ListAsync(connection, filter, limit, ct);
    }

    private async Task<Outcome> ChangeAsync(
        Guid id, Caller caller, Func<DeductionCase, Guid, Outcome> rule, Func<DeductionCase, Step, DeductionCase> change, Func<DeductionCase, IEnumerable<object>> messages, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var before = await DeductionRows.FindAsync(connection, id, forUpdate: true, ct) ?? throw new InvalidOperationException($"Case {id} has gone.");
        if (rule(before, caller.Subject) is { IsRefused: true } refused)
            return refused;

        var after = change(before, new Step(caller.Subject, caller.Name, Journals.Entry.Micros(clock.GetUtcNow()), null));
        await DeductionRows.UpdateAsync(transaction, after, ct);
        foreach (var message in messages(after))
            await Outbox.AddAsync(transaction, message, ct);
        await AuditAsync(transaction, after, caller.Subject, caller.Name, after.State, before.State, ct);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }

    private FactsAccepted Fact(DeductionCase it, FactData data, string id, DateTimeOffset time)
    {
        var now = clock.GetUtcNow();
        var fact = new AcceptedFact(it.Unit, Source, id, FactReader.TypeOf(data), time, JsonSerializer.Deserialize<JsonElement>(FactReader.Write(data)));
        return new FactsAccepted(Guid.CreateVersion7(now), null, Activity.Current?.Id, now, [fact]);
    }

    private Task AuditAsync(NpgsqlTransaction transaction, DeductionCase it, Guid? who, string name, string action, string? before, CancellationToken ct) =>
        AuditTrail.AppendAsync(transaction, new AuditEntry(
            clock.GetUtcNow(), who is { } id ? $"{id} {name}" : name, $"deduction.{action}", it.Id.ToString(), units.Tree.Find(it.Unit)?.Path,
            before is null ? null : new { state = before }, new { it.State, it.Unit, it.Rule, it.Kind, it.Points, it.Case, it.Happened }, Activity.Current?.TraceId.ToHexString()), ct);
}
