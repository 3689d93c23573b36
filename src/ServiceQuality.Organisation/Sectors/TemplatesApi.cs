using Microsoft.AspNetCore.Http.HttpResults;
using ServiceQuality.Access;

namespace ServiceQuality.Organisation.Sectors;

internal static class TemplatesApi
{
    public static void MapTemplates(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/templates", All).RequirePermission(Permissions.ReadUnits).WithName("sector-templates").WithTags("Templates");

    private static Ok<Page<SectorTemplate>> All(SectorTemplates templates) => TypedResults.Ok(new Page<SectorTemplate>([.. templates.All], null));
}
