using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace ServiceQuality.Organisation.Sectors;

/// <summary>Where the sector templates are read from.</summary>
internal sealed class TemplateSource
{
    public const string Section = "Organisation";

    /// <summary>Directory of <c>*.json</c> templates; those delivered with the program when it is not set.</summary>
    public string? TemplateDirectory { get; set; }

    public string Directory => TemplateDirectory is { Length: > 0 } own ? own : Path.Combine(AppContext.BaseDirectory, "templates");
}

/// <summary>The templates that can be chosen, read once at start. A template that cannot be used stops the start with everything that is wrong with it.</summary>
internal sealed class SectorTemplates
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly Dictionary<string, SectorTemplate> _templates;

    private SectorTemplates(Dictionary<string, SectorTemplate> templates) => _templates = templates;

    public IReadOnlyCollection<SectorTemplate> All => _templates.Values;

    public SectorTemplate? Find(string id) => _templates.GetValueOrDefault(id);

    /// <summary>Reads every template of a directory.</summary>
    /// <exception cref="OptionsValidationException">The directory holds none, or one of them cannot be used.</exception>
    public static SectorTemplates Read(string directory)
    {
        var problems = new List<string>();
        var templates = new Dictionary<string, SectorTemplate>();
        var files = Directory.Exists(directory) ? Directory.GetFiles(directory, "*.json").Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        foreach (var file in files)
        {
            var (template, wrong) = ReadOne(file);
            problems.AddRange(wrong.Select(problem => $"{file}: {problem}"));
            if (template is not null && problems.Count == 0)
                templates.Add(template.Id, template);
        }
        if (templates.Count == 0 && problems.Count == 0)
            problems.Add($"{directory} holds no sector template (*.json).");

        return problems.Count == 0
            ? new SectorTemplates(templates)
            : throw new OptionsValidationException("Organisation:TemplateDirectory", typeof(TemplateSource), problems.Select(problem => $"Organisation:TemplateDirectory: {problem}"));
    }

    private static (SectorTemplate? Template, IReadOnlyList<string> Problems) ReadOne(string file)
    {
        try
        {
            var template = JsonSerializer.Deserialize<SectorTemplate>(File.ReadAllBytes(file), Json);
            if (template is null)
                return (null, ["The file holds no template."]);
            var problems = SectorTemplate.Problems(template).ToList();
            if (template.Id != Path.GetFileNameWithoutExtension(file))
                problems.Add($"/id is '{template.Id}'; it must be the name of the file.");
            return (template, problems);
        }
        catch (JsonException e)
        {
            return (null, [$"{e.Path ?? "$"} (line {e.LineNumber + 1}): {e.Message}"]);
        }
    }
}
