using System.ComponentModel.DataAnnotations;
using ServiceQuality.Access;
using ServiceQuality.Scoring.Weights;

namespace ServiceQuality.Scores.Panels;

/// <summary>A panel as it is asked for.</summary>
/// <param name="Kind">weights, standards or indicators.</param>
/// <param name="Question">What the experts are asked.</param>
/// <param name="Elements">What they rate, 1 to 30 different names.</param>
/// <param name="Low">Lower end of the scale, ≥ 0; default 0.</param>
/// <param name="High">Upper end of the scale; default 10.</param>
/// <param name="OutlierShare">Share of the scale beyond which a rating needs a comment; default 0.25.</param>
/// <param name="Fewest">Fewest experts, 2 to 100; default 3 (SCO-07).</param>
/// <param name="Invited">Accounts that may rate, at most 100; left out: whoever may read schemes.</param>
internal sealed record PanelBody(
    [property: Required, RegularExpression("weights|standards|indicators")] string Kind,
    [property: Required, StringLength(400, MinimumLength = 1)] string Question,
    [property: Required, MinLength(1), MaxLength(30)] IReadOnlyList<string> Elements,
    [property: Range(0, 1e6)] double Low = 0,
    [property: Range(0, 1e6)] double High = 10,
    [property: Range(0.01, 1)] double OutlierShare = Panel.DefaultOutlierShare,
    [property: Range(2, ExpertPanel.MostExperts)] int Fewest = Panel.DefaultFewest,
    [property: MaxLength(ExpertPanel.MostExperts)] IReadOnlyList<Guid>? Invited = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (High <= Low)
            yield return new("must be above low.", [nameof(High)]);
        if (Elements.Any(element => string.IsNullOrWhiteSpace(element) || element.Length > 100) || Elements.Distinct(StringComparer.OrdinalIgnoreCase).Count() < Elements.Count)
            yield return new("are different names of 1 to 100 characters.", [nameof(Elements)]);
    }
}

/// <summary>An expert's ratings, one per element, and comments by the place of the element.</summary>
internal sealed record RatingsBody([property: Required] IReadOnlyList<double> Ratings, IReadOnlyDictionary<int, string>? Comments = null);

/// <summary>Words to one of the own ratings.</summary>
internal sealed record CommentBody(int Element, [property: Required, StringLength(1_000, MinimumLength = 1)] string Text);

/// <summary>What an expert said.</summary>
internal sealed record ExpertView(string Name, DateTimeOffset Given, IReadOnlyList<double> Ratings, IReadOnlyList<string> Comments, bool Own);

/// <summary>An element with what the panel said of it.</summary>
internal sealed record ElementView(string Name, double Mean, double Median, double Deviation, double Lowest, double Highest, double? MeanWeight, double? MedianWeight);

/// <summary>How far the panel agrees; reason says why there is no W.</summary>
internal sealed record AgreementView(double? W, double? ChiSquare, double? P, string? Reason);

/// <summary>A rating far from the median, and whether it is explained.</summary>
internal sealed record OutlierView(string Expert, string Element, double Rating, double Median, bool Explained);

/// <summary>What the panel says.</summary>
internal sealed record PanelResultView(IReadOnlyList<ElementView> Elements, AgreementView Agreement, IReadOnlyList<OutlierView> Outliers)
{
    public static PanelResultView? Of(ExpertPanel panel) => panel.Result() is not { } result ? null : new(
        [.. result.Elements.Select((one, i) => new ElementView(panel.Elements[i], one.Mean, one.Median, one.Deviation, one.Lowest, one.Highest, one.MeanWeight, one.MedianWeight))],
        new(result.Agreement.W, result.Agreement.ChiSquare, result.Agreement.P, result.Agreement.Reason),
        [.. result.Outliers.Select(one => new OutlierView(panel.Given[one.Expert].Name, panel.Elements[one.Element], one.Rating, one.Median, panel.Given[one.Expert].Comments[one.Element].Length > 0))]);
}

/// <summary>
/// A panel. Ratings and the result are null for an expert who has not rated yet, so that nobody follows the others; the number of ratings is always known.
/// <paramref name="Actions"/> is what the caller may do: rate, comment, close, sign.
/// </summary>
internal sealed record PanelView(
    Guid Id, string Kind, string Question, IReadOnlyList<string> Elements, double Low, double High, double OutlierShare, int Fewest, string State, string Author, DateTimeOffset Opened, DateTimeOffset? Closed,
    string? Signer, DateTimeOffset? Signed, string? Hash, int Given, IReadOnlyList<ExpertView>? Experts, PanelResultView? Result, IReadOnlyList<string> Actions)
{
    public static PanelView Of(ExpertPanel panel, Caller caller)
    {
        var shown = panel.ShowsTo(caller.Subject);
        var manages = caller.MayEverywhere(Permissions.ManageSchemes);
        (string Action, bool May)[] actions =
        [
            ("rate", !caller.IsMachine && !PanelRules.Rate(panel, caller.Subject).IsRefused), ("comment", !PanelRules.Comment(panel, caller.Subject).IsRefused),
            ("close", manages && !PanelRules.Close(panel).IsRefused), ("sign", manages && !PanelRules.Sign(panel, caller.Subject).IsRefused),
        ];
        return new(
            panel.Id, panel.Kind, panel.Question, panel.Elements, panel.Low, panel.High, panel.OutlierShare, panel.Fewest, panel.State, panel.AuthorName, panel.Opened, panel.Closed,
            panel.SignerName, panel.Signed, panel.Hash, panel.Given.Count,
            shown ? [.. panel.Given.Select(one => new ExpertView(one.Name, one.Given, one.Ratings, one.Comments, one.Expert == caller.Subject))] : null,
            shown ? PanelResultView.Of(panel) : null, [.. actions.Where(one => one.May).Select(one => one.Action)]);
    }
}

/// <summary>Panels, newest first.</summary>
internal sealed record PanelList(IReadOnlyList<PanelView> Items);
