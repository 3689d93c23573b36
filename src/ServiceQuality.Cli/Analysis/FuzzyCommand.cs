using System.CommandLine;
using System.Globalization;
using ServiceQuality.Scoring.Fuzzy;

namespace ServiceQuality.Cli.Analysis;

/// <summary>A grade and how far it holds.</summary>
internal sealed record GradeShare(string Grade, double Worth, double Membership);

/// <summary>One evaluation of `sq fuzzy`.</summary>
internal sealed record FuzzyLine(string Name, double Weight, IReadOnlyList<GradeShare> Grades, string Verdict, bool Tied, double? Validity, bool Doubtful, double Mean, string MeanGrade);

/// <summary>What `sq fuzzy --json` writes.</summary>
internal sealed record FuzzyReport(FuzzyOperator Operator, FuzzyLine Total, IReadOnlyList<FuzzyLine> Families);

/// <summary>`sq fuzzy`: fuzzy comprehensive evaluation (SCO-08, scoring.md §7).</summary>
internal static class FuzzyCommand
{
    private const string Input = """
        Fuzzy comprehensive evaluation (模糊综合评价) on one level or two.

        R: CSV with a heading: a column of factors, then one column per grade, best first; each row holds memberships that sum to 1, or with --votes how many voters chose each grade. With a first column
        named family, factors are evaluated by family first, and the families' results make up the second level.
        W: CSV with a heading and two columns, name and weight: every factor of R, and every family.
        """;

    private static readonly Dictionary<string, FuzzyOperator> Operators = new(StringComparer.OrdinalIgnoreCase)
    {
        ["weighted-mean"] = FuzzyOperator.WeightedMean, ["min-max"] = FuzzyOperator.MinMax, ["product-max"] = FuzzyOperator.ProductMax, ["bounded-sum"] = FuzzyOperator.BoundedSum,
    };

    public static Command Create(Surroundings surroundings)
    {
        var file = new Argument<string>("R") { Description = "CSV file of memberships or votes; - is standard input" };
        var weights = new Option<string>("--weights") { Description = "CSV file of name and weight", HelpName = "W", Required = true };
        var composition = new Option<string>("--operator")
        {
            Description = "weighted-mean M(·,+), min-max M(∧,∨), product-max M(·,∨), bounded-sum M(∧,⊕)", DefaultValueFactory = _ => "weighted-mean", HelpName = "OPERATOR",
        };
        composition.AcceptOnlyFromAmong([.. Operators.Keys]);
        var votes = new Option<bool>("--votes") { Description = "R holds votes" };
        var worth = new Option<string?>("--worth") { Description = "What each grade is worth in points, best first [4 grades: 95,85,70,50; 5 grades: 95,85,75,65,30]", HelpName = "POINTS" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("fuzzy", Input, "sq fuzzy r.csv --weights w.csv", "sq fuzzy votes.csv --weights w.csv --votes --operator min-max", "sq fuzzy r.csv --weights w.csv --worth 90,70,30 --json")
        {
            file, weights, composition, votes, worth, json,
        };
        command.SetAction(async (parsed, _) =>
        {
            var r = MembershipFile.Read(surroundings, parsed.GetValue(file)!, parsed.GetValue(votes));
            var values = Worth(surroundings, parsed.GetValue(worth), r.Grades.Count);
            var report = Compute(surroundings, r, parsed.GetValue(weights)!, values, Operators[parsed.GetValue(composition)!]);
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, report);
            else
                Show(surroundings, r, report);
            return ExitCodes.Done;
        });
        return command;
    }

    private static FuzzyReport Compute(Surroundings surroundings, MembershipFile r, string path, IReadOnlyList<double> values, FuzzyOperator composition)
    {
        var weights = WeightsFile.Read(surroundings, path);
        if (r.Families is null)
            return new(composition, Evaluate(surroundings.Say("total", "总体"), 1, r.Factors, r.Memberships), []);
        var families = r.Families.Distinct().ToList();
        var shares = WeightsFile.Of(surroundings, path, weights, families);
        var lines = families.Select((family, i) =>
        {
            var rows = Enumerable.Range(0, r.Factors.Count).Where(row => r.Families[row] == family).ToList();
            return Evaluate(family, shares[i] / shares.Sum(), [.. rows.Select(row => r.Factors[row])], [.. rows.Select(row => r.Memberships[row])]);
        }).ToList();
        return new(composition, Evaluate(surroundings.Say("total", "总体"), 1, families, [.. lines.Select(line => line.Grades.Select(grade => grade.Membership).ToArray())]), lines);

        FuzzyLine Evaluate(string name, double weight, IReadOnlyList<string> factors, IReadOnlyList<double[]> rows)
        {
            var matrix = new double[rows.Count, r.Grades.Count];
            for (var i = 0; i < rows.Count; i++)
            {
                for (var j = 0; j < r.Grades.Count; j++)
                    matrix[i, j] = rows[i][j];
            }
            var result = FuzzyEvaluation.Compose(matrix, WeightsFile.Of(surroundings, path, weights, factors), values, composition);
            var nearest = Enumerable.Range(0, values.Count).MinBy(grade => Math.Abs(values[grade] - result.Mean));
            return new(
                name, weight, [.. r.Grades.Select((grade, j) => new GradeShare(grade, values[j], result.Memberships[j]))], r.Grades[result.Verdict], result.Tied, result.Validity, result.Doubtful, result.Mean, r.Grades[nearest]);
        }
    }

    private static IReadOnlyList<double> Worth(Surroundings surroundings, string? given, int grades)
    {
        if (given is null)
        {
            return grades switch
            {
                4 => [95, 85, 70, 50],
                5 => [95, 85, 75, 65, 30],
                _ => throw new UsageException(surroundings.Say($"say what each of the {grades} grades is worth with --worth", $"请用 --worth 给出 {grades} 个等级各自的分值")),
            };
        }
        var values = given.Split(',', '，').Select(part => Numbers.Read(part.Trim())).ToList();
        if (values.Count != grades || values.Contains(null))
            throw new UsageException(surroundings.Say($"--worth takes {grades} numbers with commas between them, not '{given}'", $"--worth 须为 {grades} 个以逗号分隔的数值，而不是 '{given}'"));
        return [.. values.Select(value => value!.Value)];
    }

    private static void Show(Surroundings surroundings, MembershipFile r, FuzzyReport report)
    {
        List<string> headings = ["", .. r.Grades, surroundings.Say("Verdict", "评语"), surroundings.Say("Validity", "有效度"), surroundings.Say("Mean", "加权均值")];
        Printing.Table(surroundings, headings, report.Families.Append(report.Total).Select(line => (IReadOnlyList<string>)
        [
            line.Name, .. line.Grades.Select(grade => Numbers.Show(grade.Membership)), line.Verdict, line.Validity is { } validity ? validity.ToString("0.00", CultureInfo.InvariantCulture) : "∞", Numbers.Show(line.Mean, 2),
        ]));
        if (report.Total.Doubtful)
            surroundings.Output.WriteLine(surroundings.Say("The validity is below 0.5: the largest membership says little.", "有效度低于 0.5：最大隶属度说明不了多少。"));
        if (report.Total.MeanGrade != report.Total.Verdict)
        {
            surroundings.Output.WriteLine(surroundings.Say(
                $"The mean is nearest to {report.Total.MeanGrade}, the largest membership is {report.Total.Verdict}: the mean decides.", $"加权均值最接近“{report.Total.MeanGrade}”，最大隶属度为“{report.Total.Verdict}”：以加权均值为准。"));
        }
    }
}
