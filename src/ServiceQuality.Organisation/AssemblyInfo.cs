using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("ServiceQuality.Organisation.Tests")]
