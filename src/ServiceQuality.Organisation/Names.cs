using System.ComponentModel.DataAnnotations;

namespace ServiceQuality.Organisation;

/// <summary>A name in 简体中文 and in English.</summary>
internal sealed record Names([property: Required, MaxLength(120)] string Zh, [property: Required, MaxLength(120)] string En);
