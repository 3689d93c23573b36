using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NpgsqlTypes;
using ServiceQuality.Access;
using ServiceQuality.Messaging;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Schemes;

/// <summary>What comes of an attempt to write a draft.</summary>
internal sealed record DraftWritten(Outcome Outcome, Scheme? Scheme, IReadOnlyList<SchemeError> Errors)
{
    public static DraftWritten Refused(string code, string reason) => new(Outcome.Refused(code, reason), null, []);
}

/// <summary>Who changes a version, when, in which request.</summary>
internal sealed record DraftChange(Caller By, DateTimeOffset At, string? Correlation)
{
    public string Who => $"{By.Subject} {By.Name}";
}

/// <summary>The way of a version from a draft to its approval (SCO-02): written and replaced by its author, decided by somebody else. Every step leaves a record.</summary>
internal sealed class SchemeDrafts([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, SchemeBook book)
{
    /// <summary>Writes a draft; the next version of its id, in the name of the caller.</summary>
    public Task<DraftWritten> WriteAsync(ReadOnlyMemory<byte> json, DraftChange change, CancellationToken ct) =>
        WriteAsync(json, change, "scheme.drafted", (scheme, content) => new NpgsqlCommand(
            """
            INSERT INTO scheme (id, version, content, effective_from, author, author_name, written)
            SELECT $1, $2, $3, $4, $5, $6, $7 WHERE $2 = 1 + coalesce((SELECT max(version) FROM scheme WHERE id = $1), 0) ON CONFLICT DO NOTHING
            """)
        {
            Parameters =
            {
                new() { Value = scheme.Id }, new() { Value = scheme.Version }, new() { Value = content }, new() { Value = scheme.EffectiveFrom },
                new() { Value = change.By.Subject }, new() { Value = change.By.Name }, new() { Value = change.At.UtcDateTime },
            },
        }, Outcome.Refused("scheme-version-not-next", "The version is not the next one of this scheme."), ct);

    /// <summary>Replaces a draft of the caller; what it did when it was tried on past periods is forgotten, because it is another draft now.</summary>
    public async Task<DraftWritten> ReplaceAsync(SchemeVersion draft, ReadOnlyMemory<byte> json, DraftChange change, CancellationToken ct)
    {
        if (!draft.IsDraft)
            return new(Decided, null, []);
        if (draft.Author != change.By.Subject)
            return DraftWritten.Refused("scheme-not-your-draft", "A draft is changed by its author; write a draft of your own.");
        return await WriteAsync(json, change, "scheme.draft-replaced", (scheme, content) => new NpgsqlCommand(
            """
            WITH forgotten AS (DELETE FROM scheme_try_out WHERE scheme = $1 AND version = $2)
            UPDATE scheme SET content = $3, effective_from = $4, written = $5, revision = revision + 1
            WHERE id = $1 AND version = $2 AND revision = $6 AND approved IS NULL AND ended IS NULL AND $7
            """)
        {
            Parameters =
            {
                new() { Value = draft.Scheme.Id }, new() { Value = draft.Scheme.Version }, new() { Value = content }, new() { Value = scheme.EffectiveFrom },
                new() { Value = change.At.UtcDateTime }, new() { Value = draft.Revision }, new() { Value = scheme.Reference == draft.Scheme.Reference },
            },
        }, Outcome.Refused("scheme-changed-meanwhile", "The draft has changed meanwhile, or the document is of another id or version."), ct);
    }

    /// <summary>Approves a draft. A version takes effect in the future only: it never restates what was shown before, and it never changes the scheme inside a cycle (XR-57).</summary>
    public async Task<Outcome> ApproveAsync(SchemeVersion draft, DateOnly today, DraftChange change, CancellationToken ct)
    {
        if (Refusal(draft, change.By, today) is { } refusal)
            return refusal;
        var name = string.Equals(draft.Scheme.Author, change.By.Name, StringComparison.OrdinalIgnoreCase) ? $"{change.By.Name} ({change.By.Subject})" : change.By.Name;
        await using var command = new NpgsqlCommand(
            """
            UPDATE scheme SET approver = $4, approver_name = $5, approved = $6, revision = revision + 1
            WHERE id = $1 AND version = $2 AND revision = $3 AND approved IS NULL AND ended IS NULL AND author <> $4
            """)
        {
            Parameters =
            {
                new() { Value = draft.Scheme.Id }, new() { Value = draft.Scheme.Version }, new() { Value = draft.Revision },
                new() { Value = change.By.Subject }, new() { Value = name }, new() { Value = change.At.UtcDateTime },
            },
        };
        return await ApplyAsync(command, change, "scheme.approved", draft.Scheme, Summary(draft.Scheme), ct) ? Outcome.Done : Meanwhile;
    }

    /// <summary>Ends a draft without an approval: its author withdraws it, somebody else rejects it with a reason.</summary>
    public async Task<Outcome> EndAsync(SchemeVersion draft, bool reject, string? reason, DraftChange change, CancellationToken ct)
    {
        if (!draft.IsDraft)
            return Decided;
        var mine = draft.Author == change.By.Subject;
        if (reject && mine)
            return Outcome.Refused("scheme-approver-is-author", "Somebody else than its author rejects a draft; you can withdraw it.");
        if (!reject && !mine)
            return Outcome.Refused("scheme-not-your-draft", "A draft is withdrawn by its author; you can reject it with a reason.");
        var how = reject ? "rejected" : "withdrawn";
        await using var command = new NpgsqlCommand(
            """
            UPDATE scheme SET ended_as = $4, ended = $5, ended_by = $6, ended_by_name = $7, ended_reason = $8, revision = revision + 1
            WHERE id = $1 AND version = $2 AND revision = $3 AND approved IS NULL AND ended IS NULL
            """)
        {
            Parameters =
            {
                new() { Value = draft.Scheme.Id }, new() { Value = draft.Scheme.Version }, new() { Value = draft.Revision }, new() { Value = how }, new() { Value = change.At.UtcDateTime },
                new() { Value = change.By.Subject }, new() { Value = change.By.Name }, new() { Value = (object?)reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text },
            },
        };
        return await ApplyAsync(command, change, $"scheme.{how}", draft.Scheme, new { draft.Scheme.Reference, draft.Scheme.Hash, Reason = reason }, ct) ? Outcome.Done : Meanwhile;
    }

    /// <summary>Why somebody may not approve a draft; null when they may.</summary>
    public static Outcome? Refusal(SchemeVersion draft, Caller approver, DateOnly today)
    {
        if (draft.IsApproved)
            return Outcome.Refused("scheme-already-approved", "The version is approved already.");
        if (draft.End is { } end)
            return Outcome.Refused("scheme-draft-ended", $"The draft was {end.How}.");
        if (draft.Author == approver.Subject)
            return Outcome.Refused("scheme-approver-is-author", "A scheme version is approved by somebody else than its author.");
        if (draft.Scheme.EffectiveFrom <= today)
            return Outcome.Refused("scheme-effective-date-passed", "A scheme version takes effect tomorrow at the earliest; write a new one with a later date.");
        if (!BeginsCycle(draft.Scheme))
            return Outcome.Refused("scheme-effective-inside-cycle", $"A version scored by {draft.Scheme.MainPeriod} takes effect on the first day of one (XR-57).");
        return null;
    }

    /// <summary>Rolling main periods have no cycles; of the others a version begins with one.</summary>
    private static bool BeginsCycle(Scheme scheme) =>
        scheme.MainPeriod.Kind <= PeriodKind.ThirtyDays || Period.Whole(scheme.MainPeriod.Kind, scheme.EffectiveFrom).Start == scheme.EffectiveFrom;

    private static Outcome Decided => Outcome.Refused("scheme-already-decided", "The version is approved, withdrawn or rejected; write a new one.");

    private static Outcome Meanwhile => Outcome.Refused("scheme-changed-meanwhile", "The draft was changed or decided in this moment; read it again.");

    private static object Summary(Scheme scheme) => new { scheme.Reference, scheme.EffectiveFrom, scheme.Hash };

    private async Task<DraftWritten> WriteAsync(
        ReadOnlyMemory<byte> json, DraftChange change, string action, Func<Scheme, string, NpgsqlCommand> write, Outcome otherwise, CancellationToken ct)
    {
        if (SchemeBook.Signed(json, change.By.Name) is not { } signed)
            return new(Outcome.Refused("scheme-invalid", "The body is not a JSON object."), null, [new SchemeError("", "not-an-object", "A scheme is a JSON object.")]);
        var (scheme, errors) = Scheme.Parse(signed);
        if (scheme is null)
            return new(Outcome.Refused("scheme-invalid", "The scheme has errors."), null, errors);
        await using var command = write(scheme, Encoding.UTF8.GetString(signed));
        return await ApplyAsync(command, change, action, scheme, Summary(scheme), ct) ? new(Outcome.Done, scheme, []) : new(otherwise, null, []);
    }

    /// <summary>The change and its record in one transaction; false when no row was there to change.</summary>
    private async Task<bool> ApplyAsync(NpgsqlCommand command, DraftChange change, string action, Scheme scheme, object after, CancellationToken ct)
    {
        await using (var connection = await db.OpenConnectionAsync(ct))
        await using (var transaction = await connection.BeginTransactionAsync(ct))
        {
            (command.Connection, command.Transaction) = (connection, transaction);
            if (await command.ExecuteNonQueryAsync(ct) == 0)
                return false;
            await AuditTrail.AppendAsync(transaction, new AuditEntry(change.At, change.Who, action, scheme.Reference, After: after, Correlation: change.Correlation), ct);
            await transaction.CommitAsync(ct);
        }
        await book.RefreshAsync(ct);
        return true;
    }
}
