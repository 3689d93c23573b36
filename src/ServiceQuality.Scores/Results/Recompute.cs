using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Scores.Journals;
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
internal sealed class Recompute([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, ComputeClosings closings, PinnedReadings readings, TimeProvider clock)
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
            .ConvertAll(unit => positions.TryGetValue(unit.Unit, out var at) ? unit with { Seq = at.Seq, TimeZone = at.TimeZone } : unit with { Seq = 0, Branch = null });
        await AddBranchesAsync(connection, units, ct);
        var scheme = closings.SchemeOf(closing);
        var catalogue = MeasureCatalogue.Of(scheme);
        var input = new ComputationInput(closing.Period, stored.AsOf, scheme, catalogue, unit => readings.RefoldAsync(unit, closing.Period, stored.AsOf, catalogue, ct),
            stored.Annual is { } annual ? await KnownAsync(connection, closing, stored, annual, ct) : null);
        var computed = await new ResultComputation(input, units).OfFirstAsync();
        var again = computed with
        {
            Number = stored.Number, Unit = stored.Unit, Rank = stored.Rank, NotScored = stored.NotScored, Journals = stored.Journals, Restatement = stored.Restatement, Scheme = stored.Scheme with { Hash = computed.Scheme.Hash },
        };
        return new DocumentProof(hash, ResultSeal.Seal(again).Hash);
    }

    /// <summary>The document as the journals, and of a year the quarters, stand now; its rank is that among the newest documents of its siblings.</summary>
    public async Task<ResultDocument> AsOfNowAsync(Closing closing, PinnedUnit unit, CancellationToken ct)
    {
        await using var connection = await db.OpenConnectionAsync(ct);
        var units = (await ClosingRows.UnitsAsync(connection, closing.Id, unit.Path, ct)).ToList();
        await AddBranchesAsync(connection, units, ct, newest: true);
        var moment = Entry.Micros(clock.GetUtcNow());
        var pinned = closing with { Moment = moment };
        var input = await closings.InputAsync(connection, pinned, units, ct);
        var document = await new ResultComputation(input, units).OfFirstAsync();
        return document with { Rank = await RankAsync(connection, closing, unit, document.Official, ct) };
    }

    private static async Task<SiblingRank?> RankAsync(NpgsqlConnection connection, Closing closing, PinnedUnit unit, decimal? official, CancellationToken ct)
    {
        if (official is null || unit.Unit == closing.Unit)
            return null;
        await using var command = ClosingRows.Command(connection,
            "SELECT DISTINCT ON (r.unit) r.official FROM result r WHERE r.closing = $1 AND r.parent = $2 AND r.unit <> $3 ORDER BY r.unit, r.number DESC", closing.Id, unit.Parent, unit.Unit);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var others = new List<decimal?> { official };
        while (await reader.ReadAsync(ct))
            others.Add(reader.IsDBNull(0) ? null : reader.GetDecimal(0));
        return SiblingRank.Among(others)[0];
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

    private static async Task AddBranchesAsync(NpgsqlConnection connection, List<PinnedUnit> units, CancellationToken ct, bool newest = false)
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
