using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Scores.Journals;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Results;

namespace ServiceQuality.Scores.Results;

/// <summary>What a document says, and what its journals say.</summary>
/// <param name="Stated">Hash that is stored.</param>
/// <param name="Recomputed">Hash of the document recomputed from the journals up to the stored positions.</param>
internal sealed record DocumentProof(string Stated, string Recomputed)
{
    public bool Agrees => Stated == Recomputed;
}

/// <summary>Recomputes official results: from the stored positions to prove them, and from the journals as they stand to see what has come since.</summary>
internal sealed class Recompute([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, ComputeClosings closings, PinnedReadings readings, OwnParts parts, SchemeBook schemes, TimeProvider clock)
{
    /// <summary>More journals are not folded from the beginning at one request.</summary>
    public const int MostJournals = 200;

    /// <summary>
    /// Folds every journal behind a document again, from the first fact to the stored position and under the stored scheme, and compares the hashes: the same bits or
    /// not. Names, rank and the list of silent units are taken as stored; everything that is a number is computed anew.
    /// </summary>
    public async Task<DocumentProof> ProveAsync(Closing closing, ResultDocument stored, string hash, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var positions = stored.Journals.ToDictionary(journal => journal.Unit);
        var units = (await ClosingRows.UnitsAsync(connection, closing.Id, stored.Unit.Path, ct))
            .ConvertAll(unit => positions.TryGetValue(unit.Unit, out var at) ? unit with { Seq = at.Seq, TimeZone = at.TimeZone, AsOf = at.AsOf } : unit with { Seq = 0, Branch = null });
        await AddBranchesAsync(connection, units, ct);
        var scheme = closings.SchemeOf(closing);
        var catalogue = MeasureCatalogue.Of(scheme);
        var facts = stored.FactsPerLeaf;
        var input = new ComputationInput(closing.Period, stored.AsOf, scheme, catalogue,
            async unit => await parts.OfAsync(unit, await readings.RefoldAsync(unit, closing.Period, unit.AsOf ?? stored.AsOf, catalogue, ct), scheme, facts, ct),
            stored.Annual is { } annual ? await KnownAsync(connection, closing, stored, annual, ct) : null, facts);
        var computed = await new ResultComputation(input, units).OfFirstAsync();
        var again = computed with
        {
            Number = stored.Number, Unit = stored.Unit, Rank = stored.Rank, NotScored = stored.NotScored, Journals = stored.Journals, Restatement = stored.Restatement, Scheme = stored.Scheme with { Hash = computed.Scheme.Hash },
        };
        return new DocumentProof(hash, ResultSeal.Seal(again).Hash);
    }

    /// <summary>The document as the journals, and of a year the quarters, stand now, without its rank and its costliest facts.</summary>
    public async Task<ResultDocument> AsOfNowAsync(Closing closing, PinnedUnit unit, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var units = await ClosingRows.UnitsAsync(connection, closing.Id, unit.Path, ct);
        await AddBranchesAsync(connection, units, ct, newest: true);
        var now = closing with { Moment = Entry.Micros(clock.GetUtcNow()), FactsPerLeaf = null };
        var input = await closings.InputAsync(connection, now, units, schemes.Active, (one, catalogue) => readings.ReadAsync(one, now.Period, now.Moment, catalogue, ct), ct);
        return await new ResultComputation(input, units).OfFirstAsync();
    }

    /// <summary>The quarters as the document names them, if those documents exist and say so.</summary>
    private static async Task<Func<Guid, IReadOnlyList<QuarterResult>>> KnownAsync(NpgsqlConnection connection, Closing closing, ResultDocument stored, AnnualResult annual, CancellationToken ct)
    {
        var known = new List<QuarterResult>();
        foreach (var quarter in annual.Quarters)
        {
            await using var command = ClosingRows.Command(connection, "SELECT official FROM result WHERE unit = $1 AND period = $2 AND number = $3 AND hash = $4",
                stored.Unit.Id, quarter.Period, quarter.Number ?? -1, quarter.Hash ?? "");
            var official = await command.ExecuteScalarAsync(ct);
            known.Add(quarter with { Official = official as decimal? });
        }
        return unit => unit == stored.Unit.Id ? known : [.. Enumerable.Range(1, 4).Select(number => new QuarterResult($"{closing.Period}-Q{number}", null, null, null))];
    }

    /// <summary>Looks up the journals of units, and with <paramref name="newest"/> where they stand now.</summary>
    public static async Task AddBranchesAsync(NpgsqlConnection connection, List<PinnedUnit> units, CancellationToken ct, bool newest = false)
    {
        await using var command = ClosingRows.Command(connection, "SELECT unit, id, head FROM branch WHERE unit = ANY ($1)", units.Select(unit => unit.Unit).ToArray());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var heads = new Dictionary<Guid, (int Branch, long Head)>();
        while (await reader.ReadAsync(ct))
            heads[reader.GetGuid(0)] = (reader.GetInt32(1), reader.GetInt64(2));
        for (var i = 0; i < units.Count; i++)
        {
            if (heads.TryGetValue(units[i].Unit, out var head) && (newest || units[i].Seq > 0))
                units[i] = units[i] with { Branch = head.Branch, Seq = newest ? head.Head : units[i].Seq };
        }
    }
}
