using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using ServiceQuality.Contracts.Audit;

namespace ServiceQuality.Messaging;

/// <summary>What an audit record says; see <see cref="AuditRecord"/> for the fields.</summary>
/// <param name="At">When it was done.</param>
/// <param name="Who">Account or key id, with a name where one is known.</param>
/// <param name="Action">What was done, past tense: <c>unit.closed</c>.</param>
/// <param name="Subject">What it was done to.</param>
/// <param name="UnitPath">Path of the unit concerned; null for what belongs to the organisation as a whole.</param>
/// <param name="Before">The state before, serialised as JSON; never secrets or personal data of customers.</param>
/// <param name="After">The state after.</param>
/// <param name="Correlation">Trace id of the request.</param>
public sealed record AuditEntry(
    DateTimeOffset At, string Who, string Action, string Subject, string? UnitPath = null, object? Before = null, object? After = null, string? Correlation = null);

/// <summary>The audit trail of a service: append-only, in the transaction of the change, chained by hashes (PLT-07).</summary>
public static class AuditTrail
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Appends a record within a transaction. The head of the chain stays locked until it ends: append last, commit soon.</summary>
    public static async Task AppendAsync(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken ct)
    {
        var connection = transaction.Connection ?? throw new InvalidOperationException("The transaction is over.");
        var (seq, previous) = await HeadAsync(connection, transaction, ct);
        // PostgreSQL keeps microseconds; the record says what both can hold.
        var at = new DateTimeOffset(entry.At.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        var record = AuditChain.Seal(new AuditRecord(seq + 1, at, entry.Who, entry.Action, entry.Subject, entry.UnitPath, State(entry.Before), State(entry.After), entry.Correlation, previous));
        await using var command = new NpgsqlCommand("""
            with head as (update audit_head set seq = $1, hash = $8)
            insert into audit (seq, at, who, action, subject, unit_path, line, hash) values ($1, $2, $3, $4, $5, $6, $7, $8)
            """, connection, transaction)
        {
            Parameters =
            {
                new() { Value = seq + 1 }, new() { Value = at }, new() { Value = entry.Who }, new() { Value = entry.Action }, new() { Value = entry.Subject },
                new() { Value = (object?)entry.UnitPath ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }, new() { Value = record.Line }, new() { Value = record.Hash },
            },
        };
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Appends a record within the context's current transaction.</summary>
    /// <exception cref="InvalidOperationException">There is no transaction that the change and its record could share.</exception>
    public static Task AppendAsync(DbContext db, AuditEntry entry, CancellationToken ct) =>
        db.Database.CurrentTransaction?.GetDbTransaction() is NpgsqlTransaction transaction
            ? AppendAsync(transaction, entry, ct)
            : throw new InvalidOperationException("An audit record needs the transaction of its change.");

    /// <summary>Saves the context's changes together with their record, in the current transaction or in one of its own.</summary>
    public static async Task SaveWithAuditAsync(this DbContext db, AuditEntry entry, CancellationToken ct)
    {
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        await db.SaveChangesAsync(ct);
        await AppendAsync(db, entry, ct);
        if (own is not null)
            await own.CommitAsync(ct);
    }

    private static async Task<(long Seq, string Hash)> HeadAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("select seq, hash from audit_head for update", connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (reader.GetInt64(0), reader.GetString(1)) : throw new InvalidOperationException("The audit trail has lost its head.");
    }

    private static JsonElement? State(object? state) => state is null ? null : JsonSerializer.SerializeToElement(state, state.GetType(), Json);
}
