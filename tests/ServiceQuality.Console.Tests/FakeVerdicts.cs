namespace ServiceQuality.Console.Tests;

/// <summary>What explanations hold beside the score: the fuzzy verdict, and the index by part. The verdict of c06 is another grade than its score's, c01 has one grade throughout.</summary>
public sealed partial class FakeSuite
{
    private static readonly (string Code, string Family)[] IndexParts = [("satisfaction", "perception"), ("process", "efficiency"), ("result", "outcome"), ("reliability", "reliability")];

    private static object FuzzyOf(double score)
    {
        var differs = score == 77.8;
        double[] memberships = differs ? [0.01, 0.47, 0.44, 0.02, 0.06] : [1, 0, 0, 0, 0];
        string[] codes = ["excellent", "good", "fair", "pass", "fail"];
        var verdict = differs ? "good" : GradeCode(score);
        return new
        {
            total = new
            {
                grades = codes.Select((code, i) => new { code, name = GradeNames[code], worth = 95 - 10 * i, membership = differs ? memberships[i] : code == verdict ? 1 : 0 }),
                verdict = new { code = verdict, name = GradeNames[verdict] }, tied = false, validity = differs ? 0.38 : (double?)null, doubtful = differs, mean = score,
            },
            differs,
            reasons = differs ? [new { code = "doubtful", text = new { zh = "有效度只有 0.38", en = "The validity is only 0.38" } }] : Array.Empty<object>(),
        };
    }

    private object IndexOf(Place place)
    {
        var parts = IndexParts.Select(part => (part.Code, Families.First(family => family.Code == part.Family).Weight, Points: FamilyPoints(place.Code, part.Family) + 1.5)).ToList();
        var sum = parts.Sum(part => part.Weight * part.Points);
        return new
        {
            parts = parts.Select(part => new { code = part.Code, weight = part.Weight, points = part.Points, weighted = part.Weight * part.Points, indicators = 3, scored = 2 }),
            sum, bonuses = 0, deductions = 1.5, value = sum - 1.5, moreCases = true,
            cases = new[]
            {
                new
                {
                    unit = new { id = place.Id, code = "c06-hall1", name = new { zh = "一号厅", en = "Hall 1" }, kind = "outlet", path = "hq/central/c06/c06-hall1/" }, rule = "supervision-order", name = new { zh = "督办未整改", en = "Supervision order not met" },
                    kind = "deduction", points = 1.5, reason = "<script>alert(1)</script> SO-17", order = "SO-17", time = Now.AddDays(-2),
                },
            },
        };
    }
}
