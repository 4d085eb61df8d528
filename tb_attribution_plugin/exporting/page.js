const { steps, pictures } = JSON.parse(document.getElementById("frames").textContent);
const slider = document.getElementById("step");
const name = document.getElementById("name");
const cells = [...document.querySelectorAll("td[data-cell]")];

function show() {
  const step = steps[slider.value];
  name.textContent = step.name;
  slider.setAttribute("aria-valuetext", step.name);
  cells.forEach((cell, place) => {
    const { picture, lines, warning } = step.cells[place];
    const image = cell.querySelector("img");
    image.hidden = picture === null;
    image.src = picture === null ? "data:," : pictures[picture];
    image.alt = `${image.dataset.name}, ${step.name}`;
    cell.querySelector(".lines").textContent = lines.join("\n");
    cell.querySelector(".warning").textContent = warning;
  });
}

slider.addEventListener("input", show);
show();
