using ServiceQuality.Console.Judgements;
using ServiceQuality.Console.Measures;

namespace ServiceQuality.Console.Schemes;

/// <summary>Does what a button of the editor says, after the fields of the form were read: the tree is changed in the working copy, nothing is saved.</summary>
public sealed class SchemeSteps(SchemeDesk desk, MeasureSteps measures, JudgementSteps judgements)
{
    /// <summary>The edit after the button, and what is open then.</summary>
    public async Task<(SchemeEdit Edit, EditorState State)> TakeAsync(SchemeEdit edit, IFormCollection form, CancellationToken ct)
    {
        var verb = form["do"].ToString().Split('.', 2);
        var state = new EditorState(form["at"].ToString() is { Length: > 0 } at && edit.Document.Find(at) is not null ? at : null, NewPart.Of(form), form["to"].ToString());
        if (!MeasureSteps.IsVerb(verb[0]))
            (edit, state) = await TakeAsync(edit, state, verb, ct);
        if (MeasureSteps.IsVerb(verb[0]) || form.ContainsKey("m-code"))
        {
            (edit, var open) = await measures.TakeAsync(edit, verb, form, ct);
            state = state with { Measure = open };
        }
        if (!JudgementSteps.Concerns(verb[0], form))
            return (edit, state);
        (edit, var judging) = await judgements.TakeAsync(edit, verb, form, ct);
        return (edit, state with { Judging = judging });
    }

    private async Task<(SchemeEdit, EditorState)> TakeAsync(SchemeEdit edit, EditorState state, string[] verb, CancellationToken ct)
    {
        if (verb.Length < 2 || edit.Document.Find(verb[1]) is not { } part)
            return (edit, verb[0] == "close" ? EditorState.Closed : state);

        return verb[0] switch
        {
            "part" => (edit, state with { At = part.Code, New = NewPart.Nothing }),
            "up" or "down" when part.Depth >= 0 => (Of(edit, SchemeTree.Shifted(edit.Document, part, verb[0] == "up" ? -1 : 1)), state),
            "move" when part.Depth >= 0 => (Move(edit, part, state.To), state),
            "remove" when part.Depth >= 0 => (edit, state with { At = part.Code, Removal = await CostAsync(edit.Document, part, ct) }),
            "removed" when part.Depth >= 0 => (Of(edit, SchemeTree.Without(edit.Document, part)), state with { At = SchemeTree.Above(edit.Document, part)?.Code }),
            "family" or "leaf" when part.IsFamily => Add(edit, state, part, verb[0] == "family"),
            _ => (edit, state),
        };
    }

    private static SchemeEdit Of(SchemeEdit edit, SchemeDocument document) => edit with { Document = document };

    private static SchemeEdit Move(SchemeEdit edit, SchemePart part, string to) =>
        edit.Document.Find(to) is { IsFamily: true } family && SchemeTree.Moved(edit.Document, part, family) is { } moved
            ? Of(edit, moved)
            : edit with { Errors = [.. edit.Errors, new("to", "below-itself", "A part cannot lie below itself.", part.Place)] };

    private static (SchemeEdit, EditorState) Add(SchemeEdit edit, EditorState state, SchemePart family, bool isFamily)
    {
        if (state.New.Fault(edit.Document) is { } fault)
            return (edit with { Errors = [.. edit.Errors, fault with { Place = family.Place }] }, state);
        var child = isFamily ? state.New.Family() : state.New.Indicator(MeasureList.Find(edit.Document, state.New.Measure)?.Unit ?? "");
        return (Of(edit, SchemeTree.Add(edit.Document, family, child)), new(state.New.Code, NewPart.Nothing, ""));
    }

    private async Task<Removal> CostAsync(SchemeDocument document, SchemePart part, CancellationToken ct)
    {
        var without = SchemeTree.Without(document, part);
        var (said, trial) = await desk.TryAsync(without.Json, axis: null, ct);
        var share = part.Share;
        for (var above = SchemeTree.Above(document, part); above is { Depth: >= 0 } family; above = SchemeTree.Above(document, family))
            share *= family.Share / 100;
        var gone = document.Indicators.Where(one => one.Place == part.Place || one.Place.StartsWith(part.Place + "/", StringComparison.Ordinal)).ToList();
        var (before, after) = (MeasureList.Used(document), MeasureList.Used(without));
        return new(part.Code, gone, share, [.. before.Except(after).Order(StringComparer.Ordinal)], trial, [.. said.Errors.ExceptBy((await desk.CheckAsync(document.Json, ct)).Select(error => (error.Code, error.Message)), error => (error.Code, error.Message))]);
    }
}
