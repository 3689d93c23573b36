using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Dimensions;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring.Servqual;

namespace ServiceQuality.Scores.Evaluations;

/// <summary>SERVQUAL answers behind a score.</summary>
/// <param name="Survey">The answers evaluated.</param>
/// <param name="Flagged">Answers that their survey marked as suspicious: kept, but not valid (MON-26).</param>
/// <param name="Truncated">There were more than could be looked at: the newest count.</param>
/// <param name="Library">Every version of the sub-dimension library.</param>
/// <param name="Version">The version under which the answers were counted: that of the period's last day.</param>
internal sealed record UnitSurvey(ServqualSurvey Survey, int Flagged, bool Truncated, LibraryVersions Library, LibraryVersion Version);

/// <summary>Reads SERVQUAL answers from the journals behind a score: the same window, up to the same positions.</summary>
internal sealed class ServqualAnswers([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, SubDimensionBook book)
{
    /// <summary>Ends of the scale of SERVQUAL answers (MON-22).</summary>
    public const double Low = 1, High = 7;

    private const int Most = 20_000;

    public async Task<UnitSurvey> ReadAsync(UnitScore score, CancellationToken ct)
    {
        var library = await book.ReadAsync(ct);
        var version = library.Of(score.Score.Window, Zones.Of(score.Unit.TimeZone));
        // Other kinds of surveys share the type of the fact; the word stands in the data as it was sent.
        await using var command = db.CreateCommand(
            """
            SELECT j.type, j.data FROM unnest($1::uuid[], $2::bigint[]) AS p (unit, seq) JOIN branch b ON b.unit = p.unit JOIN journal j ON j.branch = b.id
            WHERE j.seq <= p.seq AND j.type = 'servicequality.survey.response.v1' AND j.time >= $3 AND j.time <= $4 AND position('"servqual"'::bytea IN j.data) > 0
            ORDER BY j.time DESC, j.branch, j.seq DESC LIMIT $5
            """);
        foreach (var value in new object[]
                 {
                     score.Parts.Select(part => part.Unit).ToArray(), score.Parts.Select(part => part.Seq).ToArray(), score.Score.Window.From.UtcDateTime, score.Score.Window.To.UtcDateTime, Most + 1,
                 })
        {
            command.Parameters.Add(new() { Value = value });
        }
        var (answers, flagged, read) = (new List<ServqualResponse>(), 0, 0);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct) && ++read <= Most)
        {
            if (FactOf.Data(reader.GetString(0), reader.GetFieldValue<byte[]>(1)) is not SurveyResponse { Kind: SurveyKind.Servqual, Pairs: { Count: > 0 } pairs } answer)
                continue;
            if (answer.Flags is { Count: > 0 })
                flagged++;
            else
                answers.Add(new(null, Counted(version.Library, pairs)));
        }
        return new(ServqualSurvey.Of(answers, Low, High), flagged, read > Most, library, version);
    }

    /// <summary>Answers under the dimensions of the library; of two answers about one check point that which was asked under its dimension counts there, the other as it was asked.</summary>
    private static Dictionary<string, ServqualPair> Counted(SubDimensionLibrary library, IReadOnlyDictionary<string, ServqualPair> pairs)
    {
        var counted = new Dictionary<string, ServqualPair>(pairs.Count);
        foreach (var (asked, pair) in pairs)
        {
            var key = library.KeyOf(asked);
            if ((key != asked && pairs.ContainsKey(key)) || !counted.TryAdd(key, pair))
                counted[asked] = pair;
        }
        return counted;
    }
}
