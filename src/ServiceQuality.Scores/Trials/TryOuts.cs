using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Messaging;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Trials;

/// <summary>What a draft would have done in a past period, as it was found.</summary>
/// <param name="Id">Id.</param>
/// <param name="Period">The period.</param>
/// <param name="Made">When it was tried.</param>
/// <param name="MadeBy">By whom.</param>
/// <param name="Result">What was found.</param>
internal sealed record TryOut(Guid Id, string Period, DateTimeOffset Made, string MadeBy, JsonElement Result);

/// <summary>Try-outs of drafts, kept with them so that whoever approves sees what the author saw (SCO-34).</summary>
internal sealed class TryOuts([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, PastTrials trials)
{
    /// <summary>Most periods that are kept of a draft.</summary>
    public const int Most = 24;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = ScoreJson.Encoder };

    /// <summary>Tries a draft on periods that are over and keeps what was found, with today's knowledge and, if asked for, also as known then; a period that was tried before is tried again.</summary>
    public async Task<Outcome> TryAsync(SchemeVersion draft, IReadOnlyList<Period> periods, bool then, DraftChange change, CancellationToken ct)
    {
        if (!draft.IsDraft)
            return Outcome.Refused("scheme-already-decided", "The version is approved, withdrawn or rejected; what it was tried on stands.");
        foreach (var period in periods)
        {
            var result = await trials.TryAsync(draft.Scheme, period, then: false, ct);
            if (then)
                result = result with { Then = await trials.TryAsync(draft.Scheme, period, then: true, ct) };
            if (await KeepAsync(draft, period, result, change, ct) is { IsRefused: true } refused)
                return refused;
        }
        return Outcome.Done;
    }

    /// <summary>The try-outs of a version, newest period first.</summary>
    public async Task<IReadOnlyList<TryOut>> ListAsync(Scheme scheme, CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT id, period, made, made_by_name, result FROM scheme_try_out WHERE scheme = $1 AND version = $2 ORDER BY period DESC");
        command.Parameters.Add(new NpgsqlParameter { Value = scheme.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = scheme.Version });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var found = new List<TryOut>();
        while (await reader.ReadAsync(ct))
            found.Add(new(reader.GetGuid(0), reader.GetString(1), new DateTimeOffset(reader.GetDateTime(2)), reader.GetString(3), JsonSerializer.Deserialize<JsonElement>(reader.GetString(4))));
        return found;
    }

    /// <summary>How many periods each version was tried on, by <c>id@version</c>.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CountsAsync(CancellationToken ct)
    {
        await using var command = db.CreateCommand("SELECT scheme || '@' || version, count(*)::integer FROM scheme_try_out GROUP BY scheme, version");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await reader.ReadAsync(ct))
            counts[reader.GetString(0)] = reader.GetInt32(1);
        return counts;
    }

    private async Task<Outcome> KeepAsync(SchemeVersion draft, Period period, TrialView result, DraftChange change, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO scheme_try_out (id, scheme, version, period, made, made_by, made_by_name, result)
            SELECT $1, id, version, $5, $6, $7, $8, $9 FROM scheme
            WHERE id = $2 AND version = $3 AND revision = $4 AND (SELECT count(*) FROM scheme_try_out WHERE scheme = $2 AND version = $3 AND period <> $5) < $10
            FOR SHARE
            ON CONFLICT (scheme, version, period) DO UPDATE SET id = excluded.id, made = excluded.made, made_by = excluded.made_by, made_by_name = excluded.made_by_name, result = excluded.result
            """, connection, transaction)
        {
            Parameters =
            {
                new() { Value = Guid.CreateVersion7(change.At) }, new() { Value = draft.Scheme.Id }, new() { Value = draft.Scheme.Version }, new() { Value = draft.Revision },
                new() { Value = period.ToString() }, new() { Value = change.At.UtcDateTime }, new() { Value = change.By.Subject }, new() { Value = change.By.Name },
                new() { Value = JsonSerializer.Serialize(result, Json) }, new() { Value = Most },
            },
        };
        if (await command.ExecuteNonQueryAsync(ct) == 0)
            return Outcome.Refused("scheme-changed-meanwhile", $"The draft was changed or decided in this moment, or was tried on {Most} periods already.");
        await AuditTrail.AppendAsync(transaction, new AuditEntry(change.At, change.Who, "scheme.tried-out", draft.Scheme.Reference, After: new { draft.Scheme.Hash, Period = period.ToString(), result.Totals }, Correlation: change.Correlation), ct);
        await transaction.CommitAsync(ct);
        return Outcome.Done;
    }
}
