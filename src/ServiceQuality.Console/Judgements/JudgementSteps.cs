using System.Text.Json;
using ServiceQuality.Clients;
using ServiceQuality.Console.Figures;
using ServiceQuality.Console.Panels;
using ServiceQuality.Console.Schemes;
using ServiceQuality.Console.Suite;

namespace ServiceQuality.Console.Judgements;

/// <summary>Weights of a family's children: by pairs, by a panel, by the present points, and both joined (SCO-04); taken over into the working copy by a button.</summary>
public sealed class JudgementSteps(SuiteReader suite, SuiteWriter writer, Shell.Reader reader)
{
    private const int MostBytes = 200_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether a button, or a family that is being judged, is about weights.</summary>
    public static bool Concerns(string verb, IFormCollection form) => verb != "unjudge" && (verb == "judge" || form["judge"].ToString().Length > 0);

    /// <summary>The edit after the button, and what is judged then.</summary>
    public async Task<(SchemeEdit Edit, Judging? Open)> TakeAsync(SchemeEdit edit, string[] verb, IFormCollection form, CancellationToken ct)
    {
        if (edit.Document.Find(verb is ["judge", var code] ? code : form["judge"].ToString()) is not { IsFamily: true } family)
            return (edit, null);
        var judging = await OfAsync(edit.Document, family, form, ct);
        if (verb is not ["take", var source] || judging.Proposal(source) is not { } weights || weights.Count != judging.Children.Count)
            return (edit, judging);

        var shares = Figure.Parts([.. weights.Select(weight => weight * 100)], 100, 2);
        var taken = SchemeTree.Changed(edit.Document, json =>
        {
            foreach (var (child, share) in judging.Children.Zip(shares))
                SchemeTree.At(json, child.Place)["weight"] = Math.Round(share, 2);
        });
        return (edit with { Document = taken }, judging with { Family = taken.Find(family.Code)!, Children = [.. taken.Under(taken.Find(family.Code)!)] });
    }

    private async Task<Judging> OfAsync(SchemeDocument document, SchemePart family, IFormCollection form, CancellationToken ct)
    {
        var children = document.Under(family).ToList();
        var typed = MatrixTyped.Of([.. children.Select(child => reader.Name(child.Name, child.Code))], form);
        var pasted = await PastedAsync(form, ct);
        var panels = await PanelsAsync(children, ct);
        var panel = Guid.TryParse(form["judge-panel"], out var id) ? panels.FirstOrDefault(one => one.Id == id) : null;
        var (matrices, fault) = children.Count is >= MatrixTyped.Fewest and <= MatrixTyped.Most ? PastedMatrices.Read(pasted, children.Count) : ([], null);
        if (typed.Cells() is { } own)
            matrices = [own, .. matrices];
        GroupJudged? judged = null;
        if (fault is null && matrices.Count > 0)
        {
            (judged, var refused) = await PostAsync<GroupJudged>("api/weights/ahp", new { matrices }, ct);
            fault = refused is null ? null : new(refused is "judgement-invalid" ? refused : "away");
        }
        var weights = panel is not null ? Weights(panel, children) : judged?.Group.Weights;
        var (present, _) = await PostAsync<PresentWeights>("api/what-if/weights", new { scheme = document.Json, family = family.Code }, ct);
        var open = new Judging(family, children, typed, pasted, panel?.Id, panels, judged, weights, present, null, fault);
        return weights is not null && open.ByEntropy is { } objective && (await PostAsync<CombinedWeights>("api/weights/combined", new { judged = weights, objective }, ct)).Answer is { } combined
            ? open with { Combined = combined.Weights }
            : open;
    }

    /// <summary>What is pasted, and behind it what is in the file.</summary>
    private static async Task<string> PastedAsync(IFormCollection form, CancellationToken ct)
    {
        var pasted = form["judge-matrices"].ToString();
        if (form.Files["judge-file"] is not { Length: > 0 and <= MostBytes } file)
            return pasted;
        using var text = new StreamReader(file.OpenReadStream());
        return $"{pasted.TrimEnd()}\n\n{await text.ReadToEndAsync(ct)}".Trim();
    }

    /// <summary>Signed panels about weights whose elements are these children, by code or name in either language.</summary>
    private async Task<IReadOnlyList<ExpertPanel>> PanelsAsync(List<SchemePart> children, CancellationToken ct) =>
        [.. ((await suite.PanelsAsync(ct)).Value?.Items ?? []).Where(panel => panel is { State: "signed", Kind: "weights", Result: not null } && Weights(panel, children) is not null)];

    private static IReadOnlyList<double>? Weights(ExpertPanel panel, List<SchemePart> children)
    {
        var weights = children.Select(child => panel.Result?.Elements.FirstOrDefault(element => element.Name == child.Code || element.Name == child.Name.Zh || element.Name == child.Name.En)?.MeanWeight).ToList();
        return children.Count == panel.Elements.Count && !weights.Contains(null) ? [.. weights.Select(weight => weight!.Value)] : null;
    }

    private async Task<(T? Answer, string? Refusal)> PostAsync<T>(string path, object body, CancellationToken ct) where T : class
    {
        var question = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, body.GetType()) };
        question.Options.Set(ServiceClients.ChangesNothing, true);
        question.Options.Set(ServiceClients.Patience, Patience);
        var answer = await writer.SendAsync("scores", question, ct);
        return answer.Refusal is null ? (answer.Body.Deserialize<T>(JsonSerializerOptions.Web), null) : (null, answer.Refusal);
    }

    private sealed record CombinedWeights(IReadOnlyList<double> Weights);
}
