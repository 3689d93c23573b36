using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Audit;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scores.Dimensions;

/// <summary>The versions of the sub-dimension library. A change is one transaction with its audit record.</summary>
internal sealed class SubDimensionBook([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, TimeProvider clock)
{
    private const int Most = 1_000;

    /// <summary>Every version; there is always the delivered one.</summary>
    public async Task<LibraryVersions> ReadAsync(CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT version, effective_from, content, author_name, written, reason FROM sub_dimension_library ORDER BY version LIMIT $1");
        command.Parameters.Add(new() { Value = Most });
        var versions = new List<LibraryVersion> { LibraryVersion.Delivered };
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            versions.Add(new(reader.GetInt32(0), reader.GetFieldValue<DateOnly>(1), LibraryContent.Read(reader.GetString(2)), reader.GetString(3), Journal.Utc(reader.GetDateTime(4)), reader.GetString(5)));
        return new(versions);
    }

    /// <summary>Writes the version after the one that the change is based on.</summary>
    public async Task<Outcome> ChangeAsync(LibraryBody change, IReadOnlyList<SubDimension> changed, DateOnly today, Caller author, CancellationToken ct)
    {
        var versions = await ReadAsync(ct);
        if (versions.All.Count > Most)
            return Outcome.Refused("library-full", "The library has too many versions.");
        if (versions.Refusal(change.BasedOn, change.EffectiveFrom, today, changed) is { IsRefused: true } refused)
            return refused;
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var insert = new NpgsqlCommand(
            "INSERT INTO sub_dimension_library (version, effective_from, content, reason, author, author_name, written) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING", connection, transaction)
        {
            Parameters =
            {
                new() { Value = change.BasedOn + 1 }, new() { Value = change.EffectiveFrom }, new() { Value = LibraryContent.Write(changed) }, new() { Value = change.Reason.Trim() },
                new() { Value = author.Subject }, new() { Value = author.Name }, new() { Value = Entry.Micros(clock.GetUtcNow()).UtcDateTime },
            },
        };
        // Two may have read the same newest version: one of them is first.
        if (await insert.ExecuteNonQueryAsync(ct) == 0)
            return Outcome.Refused("library-changed-meanwhile", "The library has changed meanwhile.");
        await AuditTrail.AppendAsync(transaction, new AuditEntry(
            clock.GetUtcNow(), $"{author.Subject} {author.Name}", "sub-dimensions.changed", $"version {change.BasedOn + 1}", null,
            versions.Newest.Library.SubDimensions.Select(SubDimensionBody.Of), new { change.EffectiveFrom, reason = change.Reason.Trim(), subDimensions = changed.Select(SubDimensionBody.Of) }, Activity.Current?.TraceId.ToHexString()), ct);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }
}
