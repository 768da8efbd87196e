internal import Evaluation

/// How the page looks and behaves. Neither text holds `<` or `&`, so that it reads alike as HTML and
/// as XML.
enum ReportStyle {
  /// The style sheet, figures' included.
  static let css =
    """
    :root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--muted:#57606a;--line:#d8dde3;\
    --soft:#f5f7f9;--link:#0a5ea8;--warn:#8a4b00;--warnback:#fff4e0}
    @media screen and (prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#e8eaed;--muted:#a4abb6;\
    --line:#363c45;--soft:#1e2127;--link:#7fb8ee;--warn:#ffcf8a;--warnback:#35290f}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
    body{margin:0;background:var(--paper);color:var(--ink);line-height:1.5;\
    font:16px/1.5 system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
    main{max-width:1320px;margin:0 auto;padding:1rem clamp(.75rem,3vw,2rem) 3rem}
    h1{font-size:1.6rem;line-height:1.25;margin:.6rem 0;overflow-wrap:anywhere}
    h2{font-size:1.25rem;margin:2.4rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line);\
    overflow-wrap:anywhere}
    h3{font-size:1rem;margin:1.4rem 0 .4rem;overflow-wrap:anywhere}
    p{margin:.4rem 0 .8rem;max-width:75ch;overflow-wrap:anywhere}
    a{color:var(--link)}
    nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;list-style:none;margin:.4rem 0 0;padding:0}
    .notice{background:var(--warnback);color:var(--warn);border-radius:6px;padding:.5rem .8rem;\
    max-width:none}
    .caption{color:var(--muted);font-size:.875rem;margin-top:.4rem}
    .scroll{overflow:auto;max-height:70vh;border:1px solid var(--line);border-radius:6px;max-width:100%;\
    width:fit-content}
    table{border-collapse:separate;border-spacing:0;font-size:.875rem;font-variant-numeric:tabular-nums}
    th,td{padding:.3rem .7rem;border-bottom:1px solid var(--line);white-space:nowrap;text-align:left}
    td.t{max-width:24rem;overflow:hidden;text-overflow:ellipsis}
    tbody tr:last-child td{border-bottom:0}
    th{position:sticky;top:0;background:var(--soft);padding:0;z-index:1}
    th button{font:inherit;font-weight:600;color:inherit;background:none;border:0;cursor:pointer;\
    padding:.35rem .7rem;width:100%;text-align:inherit;white-space:nowrap}
    th button::after{content:"\\2195";color:var(--muted);margin-left:.3em;font-weight:400}
    th[aria-sort=ascending] button::after{content:"\\2191";color:inherit}
    th[aria-sort=descending] button::after{content:"\\2193";color:inherit}
    th.n,td.n{text-align:right}
    button:focus-visible,.scroll:focus-visible,summary:focus-visible,a:focus-visible\
    {outline:2px solid var(--link);outline-offset:-2px}
    .figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,390px),1fr));\
    gap:1rem;margin:.8rem 0}
    .figures figure{margin:0;border:1px solid var(--line);border-radius:6px;padding:.4rem}
    svg.fig{display:block;width:100%;height:auto}
    .subjects{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,390px),1fr));gap:1rem}
    .subject{border:1px solid var(--line);border-radius:6px;padding:.6rem .8rem .8rem;min-width:0}
    .subject h4{margin:0;font-size:.95rem;overflow-wrap:anywhere}
    .subject p{margin:.1rem 0 .5rem;color:var(--muted);font-size:.85rem}
    .planes{display:grid;grid-template-columns:repeat(3,1fr);gap:.4rem;align-items:end}
    .planes figure{margin:0}
    .planes img{display:block;width:100%;height:auto;border-radius:3px}
    .planes figcaption{font-size:.75rem;color:var(--muted);margin-top:.2rem}
    .key{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;padding:0;margin:.4rem 0 1rem;\
    font-size:.875rem}
    .key i{display:inline-block;width:.85em;height:.85em;border-radius:2px;margin-right:.4em;\
    vertical-align:-.06em}
    details{margin:.6rem 0}
    summary{cursor:pointer;font-weight:600;overflow-wrap:anywhere}
    details .scroll{margin-top:.6rem}
    pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.7rem;\
    overflow:auto;max-height:60vh;font:.8rem/1.45 ui-monospace,"DejaVu Sans Mono",monospace}
    dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem 1rem;font-size:.9rem}
    dt{color:var(--muted)}
    dd{margin:0;overflow-wrap:anywhere}
    @media (max-width:520px){dl{grid-template-columns:1fr}dd{margin-bottom:.35rem}}
    @media print{.scroll{max-height:none}th button::after{content:""}}
    \(FigureStyle.css)
    """

  /// The script that sorts tables: numbers by value, words as people count; what is missing last.
  static let script = """
    document.querySelectorAll("table.sortable").forEach(function (table) {
      var heads = Array.from(table.querySelectorAll("thead th"));
      function value(row, column) {
        var cell = row.cells[column];
        var number = cell.getAttribute("data-v");
        return number === null ? { text: cell.textContent } : { number: Number(number) };
      }
      function compare(a, b, order) {
        if ("number" in a) {
          return "number" in b ? order * (a.number - b.number) : -1;
        }
        return "number" in b ? 1 : order * a.text.localeCompare(b.text, "en", { numeric: true });
      }
      heads.forEach(function (head, column) {
        head.querySelector("button").addEventListener("click", function () {
          var order = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
          heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
          head.setAttribute("aria-sort", order === 1 ? "ascending" : "descending");
          var body = table.tBodies[0];
          Array.from(body.rows)
            .map(function (row) { return { row: row, value: value(row, column) }; })
            .sort(function (a, b) { return compare(a.value, b.value, order); })
            .forEach(function (entry) { body.appendChild(entry.row); });
        });
      });
    });
    """
}
