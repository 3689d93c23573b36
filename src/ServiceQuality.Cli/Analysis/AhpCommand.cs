using System.CommandLine;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Cli.Analysis;

/// <summary>`sq ahp`: weights from pairwise judgements (SCO-04, scoring.md §6).</summary>
internal static class AhpCommand
{
    private const string Input = """
        Weights from pairwise judgements (AHP), of one expert or several.

        MATRIX: CSV, square, at most 10 × 10. Row i, column j says how many times as important i is as j: a decimal number or a fraction (1/3). The names of the elements may stand in the first row, and
        also in the first column. Cells on or below the diagonal may be left empty: they follow from those above. With several files the geometric mean of all judgements counts.
        Judgements whose consistency ratio is above the threshold are refused (exit code 1) with the three worst triads and the value that would mend each.
        """;

    public static Command Create(Surroundings surroundings)
    {
        var files = new Argument<string[]>("MATRIX") { Description = "CSV files, one per expert; - is standard input", Arity = ArgumentArity.OneOrMore };
        var threshold = new Option<double>("--threshold") { Description = "Largest consistency ratio that is accepted, 0–1", DefaultValueFactory = _ => Ahp.DefaultThreshold, HelpName = "CR" };
        var json = new Option<bool>("--json") { Description = "Write the result as JSON, numbers at full precision" };
        var command = new CommandWithExamples("ahp", Input, "sq ahp families.csv", "sq ahp zhang.csv li.csv wang.csv --json", "printf '1,3\\n1/3,1\\n' | sq ahp -") { files, threshold, json };
        command.SetAction(async (parsed, _) =>
        {
            if (parsed.GetValue(threshold) is not (>= 0 and <= 1) and var given)
                throw new UsageException(surroundings.Say($"--threshold is within 0–1, not {given}", $"--threshold 须在 0–1 之间，而不是 {given}"));
            if (parsed.GetValue(files)!.Length > 100)
                throw new UsageException(surroundings.Say("at most 100 experts", "最多 100 位专家"));
            var matrices = parsed.GetValue(files)!.Select(path => MatrixFile.Read(surroundings, path)).ToList();
            if (matrices.FirstOrDefault(matrix => !matrix.Elements.SequenceEqual(matrices[0].Elements)) is { } other)
                throw new UsageException(surroundings.Say($"{other.Name} does not compare the same elements in the same order as {matrices[0].Name}", $"{other.Name} 比较的要素或其顺序与 {matrices[0].Name} 不同"));
            var result = Ahp.Weigh([.. matrices.Select(matrix => matrix.Matrix)], parsed.GetValue(threshold));
            var report = AhpReport.Of(matrices, result);
            if (parsed.GetValue(json))
                await Printing.JsonAsync(surroundings, report);
            else
                Show(surroundings, report);
            return report.Accepted ? ExitCodes.Done : ExitCodes.Findings;
        });
        return command;
    }

    private static void Show(Surroundings surroundings, AhpReport report)
    {
        if (report.Weights is not null)
            Printing.Table(surroundings, [surroundings.Say("Element", "要素"), surroundings.Say("Weight", "权重")], report.Weights.Select(one => (string[])[one.Element, Numbers.Show(one.Weight, 6)]));
        surroundings.Output.WriteLine(Consistency(surroundings, report.LambdaMax, report.ConsistencyIndex, report.ConsistencyRatio));
        if (report.Experts.Count > 1)
        {
            foreach (var expert in report.Experts)
                surroundings.Output.WriteLine($"  {expert.File}: {Consistency(surroundings, expert.LambdaMax, expert.ConsistencyIndex, expert.ConsistencyRatio)}{(expert.Accepted ? "" : surroundings.Say("  too inconsistent", "  一致性不足"))}");
        }
        if (report.Accepted)
            return;
        surroundings.Output.WriteLine(surroundings.Say(
            $"Refused: CR is above {Numbers.Show(report.Threshold)}. The judgements to look at first:", $"不予采用：CR 大于 {Numbers.Show(report.Threshold)}。请先复核以下判断："));
        foreach (var triad in report.WorstTriads)
        {
            surroundings.Output.WriteLine(surroundings.Say(
                $"  {triad.From} / {triad.To} is {Numbers.Show(triad.Judged)}, but {triad.From} / {triad.Via} × {triad.Via} / {triad.To} makes {Numbers.Show(triad.Consistent)}",
                $"  {triad.From} / {triad.To} 判断为 {Numbers.Show(triad.Judged)}，而由 {triad.From} / {triad.Via} × {triad.Via} / {triad.To} 得 {Numbers.Show(triad.Consistent)}"));
        }
    }

    private static string Consistency(Surroundings surroundings, double lambda, double ci, double cr) =>
        $"λmax {Numbers.Show(lambda)}{surroundings.Say(", ", "，")}CI {Numbers.Show(ci)}{surroundings.Say(", ", "，")}CR {Numbers.Show(cr)}";
}

/// <summary>A weight by name.</summary>
internal sealed record NamedWeight(string Element, double Weight);

/// <summary>A triad by names; see <see cref="Triad"/>.</summary>
internal sealed record NamedTriad(string From, string Via, string To, double Judged, double Consistent, double Inconsistency);

/// <summary>One expert's matrix by itself.</summary>
internal sealed record ExpertReport(
    string File, IReadOnlyList<NamedWeight>? Weights, double LambdaMax, double ConsistencyIndex, double ConsistencyRatio, bool Accepted, IReadOnlyList<NamedTriad> WorstTriads);

/// <summary>What `sq ahp --json` writes; weights are null where they are refused.</summary>
internal sealed record AhpReport(
    IReadOnlyList<NamedWeight>? Weights, double LambdaMax, double ConsistencyIndex, double RandomIndex, double ConsistencyRatio, double Threshold, bool Accepted,
    IReadOnlyList<NamedTriad> WorstTriads, IReadOnlyList<ExpertReport> Experts)
{
    public static AhpReport Of(IReadOnlyList<MatrixFile> files, GroupAhpResult result)
    {
        var elements = files[0].Elements;
        var group = result.Group;
        return new(
            Weights(group), group.LambdaMax, group.ConsistencyIndex, group.RandomIndex, group.ConsistencyRatio, group.Threshold, group.Accepted, Triads(group),
            [.. files.Zip(result.Experts, (file, expert) => new ExpertReport(file.Name, Weights(expert), expert.LambdaMax, expert.ConsistencyIndex, expert.ConsistencyRatio, expert.Accepted, Triads(expert)))]);

        List<NamedWeight>? Weights(AhpResult one) => one.Accepted ? [.. elements.Zip(one.Eigenvector, (element, weight) => new NamedWeight(element, weight))] : null;

        List<NamedTriad> Triads(AhpResult one) =>
            [.. one.WorstTriads.Select(triad => new NamedTriad(elements[triad.From], elements[triad.Via], elements[triad.To], triad.Judged, triad.Consistent, triad.Inconsistency))];
    }
}
